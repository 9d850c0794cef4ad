#!/usr/bin/env node
import { CommanderError } from 'commander';
import { commandLine } from './command-line.ts';
import { isVerbose, report, reportAndExit } from './terminal/failure.ts';
import { endOnInterruption } from './terminal/interruption.ts';
import { checkOpenFiles } from './terminal/open-files.ts';
import { endQuietlyWhenOutputCloses } from './terminal/output.ts';

// Before a command is loaded, which opens more files at once than some limits allow.
await checkOpenFiles().catch((error: unknown) => reportAndExit(error, isVerbose()));
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
