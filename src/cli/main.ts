#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { addCompareCommand } from './compare/compare.ts';
import { addDatasetCommand } from './dataset/dataset.ts';
import { addDevicesCommand } from './devices.ts';
import { addEvaluateCommand } from './evaluate/evaluate.ts';
import { addExportCommand } from './export.ts';
import { reportAndExit, warn } from './failure.ts';
import { addFeaturesCommand } from './features.ts';
import { endOnInterruption } from './interruption.ts';
import { addListenCommand } from './listen/listen.ts';
import { addPredictCommand } from './predict.ts';
import { endQuietlyWhenOutputCloses } from './output.ts';
import { addTrainCommand } from './train/train.ts';

const { version } = createRequire(import.meta.url)('#package') as { version: string };

const program = new Command('synesthete')
  .description('Hears music as it plays and shows the pictures that feel like it.')
  .version(version)
  .option('--verbose', 'show where an error came from')
  .configureOutput({
    outputError: (text) => {
      warn(`${text.replace(/^error: /, '').trim()} (--help tells how)`);
    },
  })
  .exitOverride();
// Commands inherit exitOverride and the form of errors only when they are made after those are set.
addListenCommand(program);
addFeaturesCommand(program);
addDevicesCommand(program);
addDatasetCommand(program);
addTrainCommand(program);
addCompareCommand(program);
addPredictCommand(program);
addEvaluateCommand(program);
addExportCommand(program);

endOnInterruption();
endQuietlyWhenOutputCloses();
try {
  await program.parseAsync();
} catch (error) {
  // commander has said by itself what is wrong with the arguments.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else reportAndExit(error, program.opts<{ verbose?: boolean }>().verbose === true);
}
