#!/usr/bin/env node
import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { reportAndExit, warn } from './failure.ts';
import { optionDescription } from './help.ts';
import { endOnInterruption } from './interruption.ts';
import { endQuietlyWhenOutputCloses } from './output.ts';

const { version } = createRequire(import.meta.url)('#package') as { version: string };

const program = new Command('synesthete')
  .description('hear music as it plays and show the pictures that feel like it')
  .version(version)
  .option('--verbose', 'tell more: where an error came from, and that there is no GPU')
  .configureHelp({ optionDescription })
  .configureOutput({
    outputError: (text) => {
      warn(`${text.replace(/^error: /, '').trim()} (--help tells how)`);
    },
  })
  .exitOverride();

type AddCommand = (program: Command) => void;

/** Each command with what loads it: nothing is loaded for the others, which keeps every start short. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  live: async () => (await import('./live/live.ts')).addLiveCommand,
  replay: async () => (await import('./replay.ts')).addReplayCommand,
  index: async () => (await import('./index-gallery.ts')).addIndexCommand,
  predict: async () => (await import('./predict.ts')).addPredictCommand,
  listen: async () => (await import('./listen/listen.ts')).addListenCommand,
  features: async () => (await import('./features.ts')).addFeaturesCommand,
  devices: async () => (await import('./devices.ts')).addDevicesCommand,
  train: async () => (await import('./train/train.ts')).addTrainCommand,
  refit: async () => (await import('./train/refit.ts')).addRefitCommand,
  compare: async () => (await import('./compare/compare.ts')).addCompareCommand,
  evaluate: async () => (await import('./evaluate/evaluate.ts')).addEvaluateCommand,
  export: async () => (await import('./export.ts')).addExportCommand,
  dataset: async () => (await import('./dataset/dataset.ts')).addDatasetCommand,
};

const named = process.argv.slice(2).find((argument) => !argument.startsWith('-'));
const wanted = named !== undefined && named in COMMANDS ? [named] : Object.keys(COMMANDS);
// Commands inherit exitOverride and the form of errors only when they are made after those are set.
for (const name of wanted) (await COMMANDS[name]!())(program);

endOnInterruption();
endQuietlyWhenOutputCloses();
try {
  await program.parseAsync();
} catch (error) {
  // commander has said by itself what is wrong with the arguments.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else reportAndExit(error, program.opts<{ verbose?: boolean }>().verbose === true);
}
