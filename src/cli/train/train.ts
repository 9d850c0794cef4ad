import { join } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { SynestheteError } from '../../../models/errors.ts';
import { ENGINE_NAMES } from '../../../models/engine/names.ts';
import type { TrainResult, TrainSources } from '../../../models/learning/trainer/index.ts';
import { parseThreads, tensorflowBackendOption } from '../engine-options.ts';
import { warn } from '../failure.ts';
import { print } from '../output.ts';
import { collect } from './data-terms.ts';
import type { FrozenFlags } from './frozen.ts';
import type { EngineFlags } from './session.ts';

export interface DataFlags {
  readonly images?: string;
  readonly music?: string;
  readonly pairs?: string;
  readonly imageWeights?: string;
  readonly musicWeights?: string;
  readonly scale?: string;
  readonly skipBad?: true;
}

interface TrainFlags extends Omit<DataFlags, 'images' | 'music'>, EngineFlags, FrozenFlags {
  readonly images?: readonly string[];
  readonly music?: readonly string[];
  readonly out: string;
  readonly settings?: string;
  readonly try?: string;
  readonly refine?: string;
  readonly resume?: true;
  readonly maxMinutes?: number;
  readonly checkpointSeconds?: number;
  readonly memory?: number;
  readonly dataTerms?: readonly string[];
  readonly json?: true;
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
      'instead of training, learn a person’s taste from the moods by hand in a gallery with an index: a model of its own, in seconds',
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

export function addDataFlags(command: Command): void {
  command
    .option('--images <manifest.csv>', 'rated pictures with splits train and val')
    .option('--music <manifest.csv>', 'rated sounds with splits train and val');
  addFurtherDataFlags(command);
}

function addFurtherDataFlags(command: Command): void {
  command
    .option(
      '--pairs <file>',
      'pairs of the split train with their similarities (with --pairs-form sampled, which else draws five a clip)',
    )
    .option('--image-weights <file.safetensors>', 'the picture backbone, with torchvision’s names')
    .option('--music-weights <file.safetensors>', 'ResNet-18, with torchvision’s names')
    .option('--scale <low..high>', 'the scale of the ratings (default: 0..1)')
    .option('--skip-bad', 'leave out files that can’t be decoded, and say which');
}

export function addEngineFlags(command: Command): void {
  command
    .addOption(new Option('--engine <name>', 'what computes (default: auto)').choices(ENGINE_NAMES))
    .option('--threads <count>', 'threads of the cpu engine (default: one for each core)', parseThreads)
    .addOption(tensorflowBackendOption())
    .option('--cache <folder>', 'where features and activations are kept');
}

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

export function positiveNumber(text: string): number {
  const value = number(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}

function numberFromZero(text: string): number {
  const value = number(text);
  if (value >= 0) return value;
  throw new InvalidArgumentError('It must be a number, 0 or above.');
}

/** What the options name, and nothing else. @throws SynestheteError USAGE */
export async function sourcesOf(flags: DataFlags): Promise<Partial<TrainSources>> {
  const { images, music, pairs, imageWeights, musicWeights, scale, skipBad } = flags;
  const { parseScale } = await import('../../../models/learning/index.ts');
  return {
    ...(images !== undefined && { images }),
    ...(music !== undefined && { music }),
    ...(pairs !== undefined && { pairs }),
    ...(imageWeights !== undefined && { imageWeights }),
    ...(musicWeights !== undefined && { musicWeights }),
    ...(scale !== undefined && { scale: parseScale(scale) }),
    ...(skipBad === true && { skipBad }),
  };
}

/** Options that only one of the two ways to train makes something of, by the names of their values. */
const OPTIONS_OF = {
  networks: [
    'terms', 'ratio', 'imageBackbone', 'frozen', 'imageSize', 'normalisation', 'optimiser', 'microBatch',
    'unitLength', 'patience', 'augment', 'pairsForm', 'pairs', 'imageWeights', 'musicWeights', 'memory', 'maxMinutes',
    'checkpointSeconds',
  ],
  encoders: ['splits', 'overwrite', 'try'],
} as const; // prettier-ignore

/** All that --refine makes something of, by the names of their values. */
const OPTIONS_OF_REFINE = [
  ...['refine', 'model', 'index', 'bound', 'out', 'overwrite', 'json'],
  ...['engine', 'threads', 'tensorflowBackend'],
];
const OPTIONS_OF_REFINE_ALONE = ['model', 'index', 'bound'];

/** @throws SynestheteError USAGE naming an option that was given and would be passed over */
function refuseOptionsBesideRefine(command: Command, isRefining: boolean): void {
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

/** @throws SynestheteError USAGE naming an option that was given and would be passed over */
function refuseForeignOptions(command: Command, isFrozen: boolean): void {
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

/** The one manifest of a training end to end. @throws SynestheteError USAGE */
function onlyManifest(option: string, paths: readonly string[] | undefined): string | undefined {
  if (paths === undefined || paths.length === 1) return paths?.[0];
  throw new SynestheteError('USAGE', `${option} takes one manifest end to end, not ${paths.length}`);
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
  const [{ CHECKPOINT_FILE, engineOfCheckpoint, readSettings }, { TRAINERS }, { trainContext }] =
    await Promise.all([
      import('../../../models/learning/trainer/index.ts'),
      import('./trainers.ts'),
      import('./session.ts'),
    ]);
  if (flags.resume !== true && (flags.images === undefined || flags.music === undefined))
    throw new SynestheteError(
      'USAGE',
      flags.images === flags.music
        ? 'train needs --images and --music; with --resume the folder tells them'
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
  const { images: imageManifests, music: musicManifests, ...others } = flags;
  const images = onlyManifest('--images', imageManifests);
  const music = onlyManifest('--music', musicManifests);
  const sources = await sourcesOf({
    ...others,
    ...(images !== undefined && { images }),
    ...(music !== undefined && { music }),
  });
  const trainer = typeof system === 'string' ? TRAINERS.get(system) : undefined;
  if (!trainer) {
    throw new SynestheteError(
      'USAGE',
      `there is no system ${JSON.stringify(system)}; choose one of ${[...TRAINERS.keys()].join(', ')}`,
    );
  }
  const checkpoint = join(flags.out, CHECKPOINT_FILE);
  const context = await trainContext(
    flags,
    flags.resume === true ? await engineOfCheckpoint(checkpoint) : null,
  );
  if (flags.json !== true) await print(`engine: ${context.engine.description}\n`);
  try {
    const result = await trainer(
      {
        given,
        sources,
        out: flags.out,
        resume: flags.resume === true,
        maxMinutes: flags.maxMinutes,
        checkpointSeconds: flags.checkpointSeconds,
        memoryBytes: flags.memory === undefined ? undefined : flags.memory * 2 ** 20,
        dataTerms: flags.dataTerms?.join('; '),
      },
      context,
    );
    context.endProgress();
    if (!result) {
      const hasCheckpoint = (await engineOfCheckpoint(checkpoint)) !== null;
      warn(
        hasCheckpoint
          ? `interrupted; go on with: ${resumeCommand(flags)}`
          : 'interrupted before the first checkpoint; the same command begins anew, with what it has read in the cache',
      );
      return;
    }
    const summary = { engine: context.engine.description, ...result };
    await print(flags.json === true ? `${JSON.stringify(summary)}\n` : describe(result));
  } finally {
    context.endProgress();
  }
}

/** What a person types to go on: the checkpoint has all else, also the engine and its threads. */
function resumeCommand({
  out,
  cache,
  tensorflowBackend,
  maxMinutes,
  checkpointSeconds,
  memory,
  dataTerms = [],
  json,
}: TrainFlags): string {
  const given: readonly (readonly [option: string, value: string | number | undefined])[] = [
    ['--out', out],
    ['--cache', cache],
    ['--tensorflow-backend', tensorflowBackend],
    ['--max-minutes', maxMinutes],
    ['--checkpoint-seconds', checkpointSeconds],
    ['--memory', memory],
    ...dataTerms.map((terms) => ['--data-terms', terms] as const),
  ];
  const options = given.flatMap(([option, value]) =>
    value === undefined ? [] : [option, quoted(`${value}`)],
  );
  return ['synesthete train --resume', ...options, ...(json === true ? ['--json'] : [])].join(' ');
}

/** A word of a command line as a shell takes it. */
function quoted(text: string): string {
  return /^[\w./:=@%+,-]+$/u.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function describe({
  out,
  architecture,
  validation,
  ranking,
  steps,
  bestEpoch,
  skipped,
}: TrainResult): string {
  const { similarity, image, music, retrieval } = validation;
  const figure = (name: string, mse: number, constant: number, more = ''): string =>
    `${name.padEnd(18)} MSE ${mse.toFixed(4)}  constant ${constant.toFixed(4)}${more}\n`;
  const moods = (
    [
      ['picture', image],
      ['music', music],
    ] as const
  ).flatMap(([kind, of]) =>
    of
      ? (['valence', 'arousal'] as const).map((axis) =>
          figure(`${kind} ${axis}`, of[axis].mse, of[axis].constantMse, `  R² ${of[axis].r2.toFixed(3)}`),
        )
      : [],
  );
  const gap = retrieval[ranking]!.gapClosed;
  return [
    `${architecture.system}: ${steps} steps, best in epoch ${bestEpoch}; on the split val:\n`,
    similarity ? figure('similarity', similarity.mse, similarity.constantMse) : '',
    ...moods,
    `ranked by ${ranking}: ${(100 * gap).toFixed(1)} % of the gap between chance and the best possible closed\n`,
    skipped.length > 0 ? `${skipped.length} files left out\n` : '',
    `written to ${out}\n`,
  ].join('');
}
