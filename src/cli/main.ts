#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { addDevicesCommand } from './devices.ts';
import { reportAndExit } from './failure.ts';

const { version } = createRequire(import.meta.url)('#package') as { version: string };

const program = new Command('synesthete')
  .description('Hears music as it plays and shows the pictures that feel like it.')
  .version(version)
  .option('--verbose', 'show where an error came from')
  .showHelpAfterError('(add --help for the options)')
  .exitOverride();

addDevicesCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else reportAndExit(error, program.opts<{ verbose?: boolean }>().verbose === true);
}
