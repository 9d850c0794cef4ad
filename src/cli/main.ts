#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { addDatasetCommand } from './dataset/dataset.ts';
import { addDevicesCommand } from './devices.ts';
import { reportAndExit } from './failure.ts';
import { addFeaturesCommand } from './features.ts';
import { endOnInterruption } from './interruption.ts';
import { addListenCommand } from './listen/listen.ts';
import { endQuietlyWhenOutputCloses } from './output.ts';

const { version } = createRequire(import.meta.url)('#package') as { version: string };

const program = new Command('synesthete')
  .description('Hears music as it plays and shows the pictures that feel like it.')
  .version(version)
  .option('--verbose', 'show where an error came from')
  .showHelpAfterError('(add --help for the options)')
  .exitOverride();
// Commands inherit exitOverride and the help after an error only when they are made after those are set.
addListenCommand(program);
addFeaturesCommand(program);
addDevicesCommand(program);
addDatasetCommand(program);

endOnInterruption();
endQuietlyWhenOutputCloses();
try {
  await program.parseAsync();
} catch (error) {
  // commander has said by itself what is wrong with the arguments.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else reportAndExit(error, program.opts<{ verbose?: boolean }>().verbose === true);
}
