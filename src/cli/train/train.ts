import type { Command } from 'commander';
import { SynestheteError } from '../../../models/errors.ts';
import { number, numberFromZero, positiveNumber } from '../options/numbers.ts';
import { addEngineFlags, addFurtherDataFlags } from './data-flags.ts';
import { collect } from './data-terms.ts';
import type { EndToEndFlags } from './end-to-end.ts';
import type { FrozenFlags } from './frozen.ts';
import { refuseForeignOptions, refuseOptionsBesideRefine } from './refused-options.ts';

interface TrainFlags extends EndToEndFlags, FrozenFlags {
  readonly settings?: string;
  readonly try?: string;
  readonly refine?: string;
}

/** Flags that are settings by the same name. */
const SETTING_FLAGS = [
  'system',
  'terms',
  'ratio',
  'margin',
  'imageBackbone',
  'frozen',
  'imageSize',
  'normalisation',
  'optimiser',
  'learningRate',
  'weightDecay',
  'unitLength',
  'batch',
  'microBatch',
  'epochs',
  'patience',
  'seed',
  'augment',
] as const;

export function addTrainCommand(program: Command): void {
  const command = program
    .command('train')
    .description('train CDCML or one of its rivals on rated pictures and rated music')
    .requiredOption(
      '--out <folder>',
      'for model.json and weights.safetensors; end to end also metrics.jsonl and report.html',
    )
    .option('--resume', 'go on with the end-to-end training in that folder')
    .option('--settings <file.json>', 'settings of the training; flags go before them')
    .option(
      '--end-to-end',
      'train the networks themselves, as the paper does; without it CDCML is trained on frozen encoders, which takes minutes',
    )
    .option('--system <name>', 'cdcml, or end to end one of its rivals: sp-net, l3-net, acp-net')
    .option('--terms <list>', 'terms of the loss: sim,va,cfr,cfm,sfr', (text: string) => text.split(','))
    .option('--ratio <reading>', 'what ratios of distances follow: similarity or distance')
    .option(
      '--margin <number>',
      'δ of the margin loss, a squared distance from 0 to 4 (default: 0.5)',
      number,
    )
    .option('--image-backbone <name>', 'resnet50, efficientnet-lite0 or efficientnet-lite2')
    .option('--frozen', 'the picture backbone keeps its weights; its features are cached')
    .option('--image-size <pixels>', 'side of the square that pictures are squashed to', number)
    .option('--normalisation <name>', 'of the music features: log-mel, power or none')
    .option('--pairs-form <form>', 'dense: all pictures × all clips of a batch; sampled: one by one')
    .option('--optimiser <name>', 'sgd or adamw')
    .option('--learning-rate <number>', 'at the start; × 0.1 every 10 epochs (on frozen encoders 9)', number)
    .option('--weight-decay <number>', 'of all but vectors', number)
    .option('--batch <count>', 'pictures, and clips, of a step', number)
    .option(
      '--micro-batch <count>',
      'pictures, and clips, that go through the backbones at once; memory depends on it, the losses do not (default: 32)',
      number,
    )
    .option('--no-unit-length', 'of cdcml: embeddings of any length')
    .option('--epochs <count>', 'at most', number)
    .option('--patience <epochs>', 'end after so many without a better validation', number)
    .option('--seed <integer>', 'what everything that is drawn depends on', number)
    .option('--no-augment', 'pictures and clips as they are')
    .option('--max-minutes <minutes>', 'end after so much time, with what is best by then', positiveNumber)
    .option('--checkpoint-seconds <seconds>', 'time between checkpoints (default: 60)', numberFromZero)
    .option('--memory <megabytes>', 'that may be used; by default what is free', positiveNumber)
    .option(
      '--data-terms <text>',
      'licence or terms of the data, for model.json, of one set as NAME=TERMS for NAME.csv; may be given again',
      collect,
    )
    .option('--splits <list>', 'on frozen encoders: what is learnt (default: train,val)', (text: string) =>
      text.split(','),
    )
    .option(
      '--try <file.json>',
      'on frozen encoders: instead of training, choose one of several settings by nested folds; names and what each changes',
    )
    .option('--overwrite', 'on frozen encoders: put the new model in the place of one that is there')
    .option(
      '--refine <gallery>',
      'instead of training, learn a person’s taste from the moods by hand in a gallery with an index: a new model, in seconds',
    )
    .option(
      '--model <folder>',
      'with --refine: the model that is refined (default: the one that is built in)',
    )
    .option('--index <folder>', 'with --refine: where the index of the gallery lies')
    .option(
      '--bound <part>',
      'with --refine: by how much the pictures that the model learnt from may move on average (default: 0.02)',
      positiveNumber,
    )
    .option('--json', 'print the result as JSON');
  command
    .option(
      '--images <manifests...>',
      'rated pictures with splits train and val; on frozen encoders further sets may follow, rated or with emotions',
    )
    .option(
      '--music <manifests...>',
      'rated sounds with splits train and val; on frozen encoders further sets may follow, rated or with quadrants',
    );
  addFurtherDataFlags(command);
  addEngineFlags(command);
  command.action(async (flags: TrainFlags & Readonly<Record<string, unknown>>) => {
    await trainCommand(flags, command);
  });
}

async function trainCommand(
  flags: TrainFlags & Readonly<Record<string, unknown>>,
  command: Command,
): Promise<void> {
  const { refine } = flags;
  refuseOptionsBesideRefine(command, refine !== undefined);
  if (refine !== undefined) {
    const { refineCommand } = await import('./refine.ts');
    await refineCommand({ ...flags, refine });
    return;
  }
  const [{ readSettings }, { TRAINERS }] = await Promise.all([
    import('../../../models/training/end-to-end/index.ts'),
    import('./trainers.ts'),
  ]);
  if (flags.resume !== true && (flags.images === undefined || flags.music === undefined))
    throw new SynestheteError(
      'USAGE',
      flags.images === flags.music
        ? 'train needs --images and --music; with --resume the folder knows them'
        : 'both --images and --music are needed',
    );
  const given: Record<string, unknown> =
    flags.settings === undefined ? {} : await readSettings(flags.settings);
  for (const name of SETTING_FLAGS) {
    if (command.getOptionValueSource(name) === 'cli') given[name] = flags[name];
  }
  if (flags['pairsForm'] !== undefined) given['pairs'] = flags['pairsForm'];
  const system = given['system'] ?? 'cdcml';
  const isFrozen = system === 'cdcml' && flags['endToEnd'] !== true && flags.resume !== true;
  refuseForeignOptions(command, isFrozen);
  if (isFrozen) {
    if (flags.try === undefined) {
      const { trainFrozenCommand } = await import('./frozen.ts');
      await trainFrozenCommand(flags, given);
    } else {
      const { chooseCommand } = await import('./choice.ts');
      await chooseCommand(flags.try, flags, given);
    }
    return;
  }
  const trainer = typeof system === 'string' ? TRAINERS.get(system) : undefined;
  if (!trainer) {
    throw new SynestheteError(
      'USAGE',
      `there is no system ${JSON.stringify(system)}; choose one of ${[...TRAINERS.keys()].join(', ')}`,
    );
  }
  const { trainEndToEnd } = await import('./end-to-end.ts');
  await trainEndToEnd(flags, given, trainer);
}
