import type { Command } from 'commander';
import { SynestheteError } from '../../../models/errors.ts';

/** Options that only one of the two ways to train uses, by the names of their values. */
const OPTIONS_OF = {
  networks: [
    'terms', 'ratio', 'imageBackbone', 'frozen', 'imageSize', 'normalisation', 'optimiser', 'microBatch',
    'unitLength', 'patience', 'augment', 'pairsForm', 'pairs', 'imageWeights', 'musicWeights', 'memory', 'maxMinutes',
    'checkpointSeconds',
  ],
  encoders: ['splits', 'overwrite', 'try'],
} as const; // prettier-ignore

/** All options that --refine uses, by the names of their values. */
const OPTIONS_OF_REFINE = [
  ...['refine', 'model', 'index', 'bound', 'out', 'overwrite', 'json'],
  ...['engine', 'threads', 'tensorflowBackend'],
];
const OPTIONS_OF_REFINE_ALONE = ['model', 'index', 'bound'];

/** @throws SynestheteError USAGE naming a given option that would have no effect */
export function refuseOptionsBesideRefine(command: Command, isRefining: boolean): void {
  for (const option of command.options) {
    const name = option.attributeName();
    if (command.getOptionValueSource(name) !== 'cli') continue;
    const isForeign = isRefining ? !OPTIONS_OF_REFINE.includes(name) : OPTIONS_OF_REFINE_ALONE.includes(name);
    if (!isForeign) continue;
    throw new SynestheteError(
      'USAGE',
      isRefining
        ? `${option.long} says nothing to --refine, which learns from moods by hand alone: leave it out`
        : `${option.long} is for --refine: leave it out`,
    );
  }
}

/** @throws SynestheteError USAGE naming a given option that would have no effect */
export function refuseForeignOptions(command: Command, isFrozen: boolean): void {
  for (const name of OPTIONS_OF[isFrozen ? 'networks' : 'encoders']) {
    if (command.getOptionValueSource(name) !== 'cli') continue;
    const option = command.options.find((known) => known.attributeName() === name)!.long!;
    throw new SynestheteError(
      'USAGE',
      isFrozen
        ? `${option} is for trainings end to end: add --end-to-end, or leave it out`
        : `${option} is for trainings on frozen encoders: leave it out`,
    );
  }
}
