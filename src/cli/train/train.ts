import { join } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { SynestheteError } from '../../../models/errors.ts';
import { ENGINE_NAMES } from '../../../models/engine/names.ts';
import type { TrainResult, TrainSources } from '../../../models/learning/trainer/index.ts';
import { parseThreads, tensorflowBackendOption } from '../engine-options.ts';
import { warn } from '../failure.ts';
import { print } from '../output.ts';
import { collect } from './data-terms.ts';
import type { KernelFlags } from './kernel.ts';
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

interface TrainFlags extends DataFlags, EngineFlags, KernelFlags {
  readonly out: string;
  readonly settings?: string;
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
    .requiredOption('--out <folder>', 'for model.json, weights.safetensors, metrics.jsonl, report.html')
    .option('--resume', 'go on with the training in that folder')
    .option('--settings <file.json>', 'settings of the training; flags go before them')
    .option(
      '--end-to-end',
      'train the networks themselves, as the paper does; what cdcml does anyway for now, and the others always do',
    )
    .option('--system <name>', 'cdcml, sp-net, l3-net, acp-net, or kernel: kernel regression')
    .option('--terms <list>', 'terms of the loss: sim,va,cfr,cfm,sfr', (text: string) => text.split(','))
    .option('--ratio <reading>', 'what ratios of distances follow: similarity or distance')
    .option('--margin <number>', 'δ of the margin loss, a squared distance from 0 to 4 (0.5)', number)
    .option('--image-backbone <name>', 'resnet50 or inception-v3')
    .option('--frozen', 'the picture backbone keeps its weights; its features are cached')
    .option('--image-size <pixels>', 'side of the square that pictures are squashed to', number)
    .option('--normalisation <name>', 'of the music features: log-mel, power or none')
    .option('--pairs-form <form>', 'dense: all pictures × all clips of a batch; sampled: one by one')
    .option('--optimiser <name>', 'sgd or adamw')
    .option('--learning-rate <number>', 'at the start; × 0.1 every 10 epochs', number)
    .option('--weight-decay <number>', 'of all but vectors', number)
    .option('--batch <count>', 'pictures, and clips, of a step', number)
    .option(
      '--micro-batch <count>',
      'pictures, and clips, that go through the backbones at once (32); memory depends on it, the losses do not',
      number,
    )
    .option('--no-unit-length', 'of cdcml: embeddings of any length')
    .option('--epochs <count>', 'at most', number)
    .option('--patience <epochs>', 'end after so many without a better validation', number)
    .option('--seed <integer>', 'what everything that is drawn depends on', number)
    .option('--no-augment', 'pictures and clips as they are')
    .option('--max-minutes <minutes>', 'end after so much time, with what is best by then', positiveNumber)
    .option('--checkpoint-seconds <seconds>', 'between checkpoints (60)', numberFromZero)
    .option('--memory <megabytes>', 'that may be used; by default what is free', positiveNumber)
    .option(
      '--data-terms <text>',
      'licence or terms of the data, for model.json; may be given again (with --system kernel as NAME=TERMS, for the manifest NAME.csv)',
      collect,
    )
    .option('--image-categories <manifests...>', 'for --system kernel: pictures with an emotion')
    .option('--music-categories <manifests...>', 'for --system kernel: sounds with a quadrant')
    .option('--splits <list>', 'for --system kernel: what is learnt (train,val)', (text: string) =>
      text.split(','),
    )
    .option('--overwrite', 'for --system kernel: put the new model in the place of one that is there')
    .option('--json', 'print the result as JSON');
  addDataFlags(command);
  addEngineFlags(command);
  command.action(async (flags: TrainFlags & Readonly<Record<string, unknown>>) => {
    await trainCommand(flags, command);
  });
}

export function addDataFlags(command: Command): void {
  command
    .option('--images <manifest.csv>', 'rated pictures with splits train and val')
    .option('--music <manifest.csv>', 'rated sounds with splits train and val')
    .option(
      '--pairs <file>',
      'pairs of the split train with their similarities (with --pairs-form sampled, which else draws five a clip)',
    )
    .option('--image-weights <file.safetensors>', 'the picture backbone, with torchvision’s names')
    .option('--music-weights <file.safetensors>', 'ResNet-18, with torchvision’s names')
    .option('--scale <low..high>', 'the scale of the ratings (0..1)')
    .option('--skip-bad', 'leave out files that can’t be decoded, and say which');
}

export function addEngineFlags(command: Command): void {
  command
    .addOption(new Option('--engine <name>', 'what computes (auto)').choices(ENGINE_NAMES))
    .option('--threads <count>', 'of the cpu engine (one for each core)', parseThreads)
    .addOption(tensorflowBackendOption())
    .option('--cache <folder>', 'where features and activations are kept');
}

function number(text: string): number {
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

/** Options that only the networks or only the kernel regression make something of, by the names of their values. */
const OPTIONS_OF = {
  networks: [
    'endToEnd',
    'pairs',
    'imageWeights',
    'musicWeights',
    'memory',
    'maxMinutes',
    'checkpointSeconds',
  ],
  kernel: ['imageCategories', 'musicCategories', 'splits', 'overwrite'],
} as const;

/** @throws SynestheteError USAGE naming an option that was given and would be passed over */
function refuseForeignOptions(command: Command, system: string): void {
  const isKernel = system === 'kernel';
  for (const name of OPTIONS_OF[isKernel ? 'networks' : 'kernel']) {
    if (command.getOptionValueSource(name) !== 'cli') continue;
    const option = command.options.find((known) => known.attributeName() === name)!.long!;
    throw new SynestheteError(
      'USAGE',
      isKernel
        ? `--system kernel makes nothing of ${option}: leave it out, or choose another system`
        : `${option} is for --system kernel, not for ${system}: leave it out`,
    );
  }
}

async function trainCommand(
  flags: TrainFlags & Readonly<Record<string, unknown>>,
  command: Command,
): Promise<void> {
  const [{ CHECKPOINT_FILE, engineOfCheckpoint, readSettings }, { TRAINERS }, { trainContext }, sources] =
    await Promise.all([
      import('../../../models/learning/trainer/index.ts'),
      import('./trainers.ts'),
      import('./session.ts'),
      sourcesOf(flags),
    ]);
  if (flags.resume !== true && (sources.images === undefined || sources.music === undefined))
    throw new SynestheteError(
      'USAGE',
      sources.images === sources.music
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
  refuseForeignOptions(command, typeof system === 'string' ? system : JSON.stringify(system));
  if (system === 'kernel') {
    const { trainKernelCommand } = await import('./kernel.ts');
    await trainKernelCommand({ ...flags, out: flags.out }, given);
    return;
  }
  const trainer = typeof system === 'string' ? TRAINERS.get(system) : undefined;
  if (!trainer) {
    throw new SynestheteError(
      'USAGE',
      `there is no system ${JSON.stringify(system)}; choose one of ${[...TRAINERS.keys(), 'kernel'].join(', ')}`,
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
