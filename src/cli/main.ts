#!/usr/bin/env node
import { CommanderError } from 'commander';
import { commandLine } from './command-line.ts';
import { report } from './failure.ts';
import { endOnInterruption } from './interruption.ts';
import { endQuietlyWhenOutputCloses } from './output.ts';

const program = await commandLine(process.argv.slice(2));
endOnInterruption();
endQuietlyWhenOutputCloses();
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error, program.opts<{ verbose?: boolean }>().verbose === true);
  // A command that failed may have begun what would keep the process.
  if (!(error instanceof CommanderError)) process.exit();
}
