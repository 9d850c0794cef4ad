#!/usr/bin/env node
import { CommanderError } from 'commander';
import { commandLine } from './command-line.ts';
import { report } from './terminal/failure.ts';
import { endOnInterruption } from './terminal/interruption.ts';
import { endQuietlyWhenOutputCloses } from './terminal/output.ts';

const program = await commandLine(process.argv.slice(2));
endOnInterruption();
endQuietlyWhenOutputCloses();
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error, program.opts<{ verbose?: boolean }>().verbose === true);
  // A command that failed may have started what would keep the process alive.
  if (!(error instanceof CommanderError)) process.exit();
}
