import { createRequire } from 'node:module';
import { Command } from 'commander';
import { warn } from './terminal/failure.ts';
import { optionDescription } from './terminal/help.ts';

const { version } = createRequire(import.meta.url)('#package') as { version: string };

type AddCommand = (program: Command) => void;

/** Each command with what loads it: a start loads one command only, and is quick. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  live: async () => (await import('./live/live.ts')).addLiveCommand,
  replay: async () => (await import('./replay/replay.ts')).addReplayCommand,
  index: async () => (await import('./index-gallery.ts')).addIndexCommand,
  predict: async () => (await import('./predict.ts')).addPredictCommand,
  listen: async () => (await import('./listen/listen.ts')).addListenCommand,
  features: async () => (await import('./features.ts')).addFeaturesCommand,
  devices: async () => (await import('./options/devices.ts')).addDevicesCommand,
  train: async () => (await import('./train/train.ts')).addTrainCommand,
  refit: async () => (await import('./train/refit.ts')).addRefitCommand,
  compare: async () => (await import('./compare/compare.ts')).addCompareCommand,
  evaluate: async () => (await import('./evaluate/evaluate.ts')).addEvaluateCommand,
  export: async () => (await import('./export.ts')).addExportCommand,
  dataset: async () => (await import('./dataset/dataset.ts')).addDatasetCommand,
};

/**
 * The program with the command that the arguments name, or with all commands; `parseAsync` runs it. It throws and never
 * exits.
 */
export async function commandLine(args: readonly string[]): Promise<Command> {
  const program = new Command('synesthete')
    .description('hear music as it plays and show the pictures that feel like it')
    .version(version)
    .option('--verbose', 'say more: where an error came from, and that there is no GPU')
    .configureHelp({ optionDescription })
    .configureOutput({
      outputError: (text) => {
        warn(`${text.replace(/^error: /, '').trim()} (--help tells how)`);
      },
    })
    .exitOverride();
  // Commands inherit exitOverride and the form of errors only if they are made after those are set.
  for (const name of namesOf(args)) (await COMMANDS[name]!())(program);
  return program;
}

function namesOf(args: readonly string[]): readonly string[] {
  const named = args.find((argument) => !argument.startsWith('-'));
  if (named !== undefined && Object.hasOwn(COMMANDS, named)) return [named];
  return named === undefined && args.includes('--version') ? [] : Object.keys(COMMANDS);
}
