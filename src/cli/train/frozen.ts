import { stat } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { SynestheteError } from '../../../models/errors.ts';
import {
  DEFAULT_CDCML_SETTINGS,
  cdcmlSettingsSchema,
  type CdcmlSettings,
} from '../../../models/families/on-encoders/index.ts';
import {
  CATEGORY_COLUMNS,
  SPLITS,
  parseScale,
  readManifest,
  type Medium,
} from '../../../models/training/index.ts';
import {
  checkModelFolder,
  encodeFiles,
  trainCdcml,
  type CdcmlTrainingOptions,
  type LabelledSet,
} from '../../../models/training/on-encoders/index.ts';
import type { ModelDescription } from '../../../models/weights/index.ts';
import { warn } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';
import { reportSkipped } from '../terminal/skipped.ts';
import { termsOfSets } from './data-terms.ts';
import { figureTable, leftOutOf } from './figure-words.ts';
import { StageProgress, trainContext, type CommandTrainContext, type EngineFlags } from './session.ts';

/** Flags of training on frozen encoders alone. */
export interface FrozenFlags {
  readonly splits?: readonly string[];
  readonly overwrite?: true;
}

export interface FrozenCommandFlags extends FrozenFlags, EngineFlags {
  readonly images?: readonly string[];
  readonly music?: readonly string[];
  readonly scale?: string;
  readonly skipBad?: true;
  readonly out: string;
  readonly dataTerms?: readonly string[];
  readonly json?: true;
}

/**
 * `train`: CDCML on frozen encoders. Caches features, the teachers' predictions and finished networks, so that the same
 * command resumes an interrupted training.
 *
 * @param given settings of --settings and of flags
 * @throws SynestheteError USAGE, and those of `readManifest` and `trainCdcml`
 */
export async function trainFrozenCommand(
  flags: FrozenCommandFlags,
  given: Readonly<Record<string, unknown>>,
): Promise<void> {
  const settings = settingsOf(given);
  const ready = await prepareFrozen(flags);
  await trainFrozen(flags, { ...ready, settings });
}

/** The data to learn from, and the engine. @throws SynestheteError USAGE, those of `readManifest`, ENGINE_MISSING */
export async function prepareFrozen(flags: FrozenCommandFlags): Promise<Prepared> {
  if (flags.overwrite !== true) await refuseFinished(flags.out, 'model.json', 'a model');
  // What can't be written fails before the training, not after it.
  await checkModelFolder(flags.out);
  const data = await frozenSets(flags);
  const context = await trainContext(flags, null);
  if (flags.json !== true) await print(`engine: ${context.engine.description}\n`);
  return { ...data, context };
}

type Prepared = Awaited<ReturnType<typeof frozenSets>> & { readonly context: CommandTrainContext };

type Ready = Prepared & {
  readonly settings: CdcmlSettings;
  /** The encoder of `settings.picture.onnx`. */
  readonly onnx?: CdcmlTrainingOptions['onnx'];
  /** A model whose figures are printed beside those of the new one. */
  readonly besides?: ModelDescription;
};

/** Trains with a progress, and prints the figures. @throws SynestheteError those of `trainCdcml` */
export async function trainFrozen(
  flags: FrozenCommandFlags,
  { splits, sets, context, settings, onnx, besides }: Ready,
): Promise<void> {
  const files = await encodeFiles({
    ...context,
    onnx,
    pictures: settings.picture.encoders,
    clips: settings.music.encoders,
  });
  const failed: SynestheteError[] = [];
  const shown = new StageProgress();
  try {
    const model = await stoppedAsUndefined(
      trainCdcml({
        ...sets,
        splits,
        settings,
        files,
        engine: context.engine,
        threads: context.threads,
        cache: context.cache,
        folder: flags.out,
        onnx,
        date: new Date().toISOString(),
        skipBad: flags.skipBad === true,
        skipped: (error) => failed.push(error),
        signal: context.signal,
        progress: ({ stage, done, total }) => {
          shown.show(stage === 'networks (epochs)' ? epochsOf(settings, total) : stage, done, total);
        },
      }),
      context.signal,
    );
    shown.end();
    if (model === undefined) {
      warn('interrupted; the same command resumes it');
      return;
    }
    const count = [...sets.images, ...sets.music].flatMap(({ manifest }) => manifest.entries).length;
    reportSkipped(failed, count);
    await print(flags.json === true ? jsonOf(model, flags.out, failed) : describe(model, flags.out, besides));
  } finally {
    shown.end();
    await files.close();
  }
}

/** Counts epochs while several networks are trained side by side. @param total epochs of all of them */
function epochsOf({ epochs }: CdcmlSettings, total: number): string {
  return `epochs (${total / epochs} networks of ${epochs})`;
}

/** The data to learn from. @throws SynestheteError USAGE, those of `readManifest` */
export async function frozenSets(flags: FrozenCommandFlags) {
  const splits = splitsOf(flags.splits ?? ['train', 'val']);
  const { images = [], music = [] } = flags;
  const terms = termsOfSets(flags.dataTerms ?? [], [...images, ...music].map(nameOfSet));
  const options = {
    categories: CATEGORY_COLUMNS,
    mayLackOne: true,
    notice: warn,
    ...(flags.scale !== undefined && { scale: parseScale(flags.scale) }),
  };
  const setsOf = (paths: readonly string[], medium: Medium) =>
    Promise.all(paths.map(async (path) => setOf(await readManifest(path, { ...options, medium }), terms)));
  return { splits, sets: { images: await setsOf(images, 'image'), music: await setsOf(music, 'music') } };
}

/**
 * Undefined when the training was interrupted: an engine that can leave a run throws the signal's reason, and a signal
 * sent to all processes also ends those that train networks, which fails with ENGINE_FAILED.
 */
export async function stoppedAsUndefined<T>(
  training: Promise<T | undefined>,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return await training;
  } catch (error) {
    const isInterrupted =
      error === signal.reason || (error instanceof SynestheteError && error.code === 'ENGINE_FAILED');
    if (signal.aborted && isInterrupted) return undefined;
    throw error;
  }
}

/** @throws SynestheteError USAGE where the folder already holds such a file */
export async function refuseFinished(out: string, file: string, what: string): Promise<void> {
  const isThere = await stat(join(out, file)).then(
    () => true,
    () => false,
  );
  if (!isThere) return;
  throw new SynestheteError(
    'USAGE',
    `${out} holds ${what} already: name another folder, or --overwrite replaces it`,
  );
}

/**
 * @param onnx the user's own encoder, which settings can't describe
 * @throws SynestheteError USAGE
 */
export function settingsOf(
  given: Readonly<Record<string, unknown>>,
  onnx?: CdcmlSettings['picture']['onnx'],
): CdcmlSettings {
  const { picture } = given;
  if (isParts(picture) && picture['onnx'] !== undefined) {
    throw new SynestheteError(
      'USAGE',
      'settings of the training, picture.onnx: refit reads it from --picture-encoder; leave it out',
    );
  }
  const all: Record<string, unknown> = {
    ...changed(DEFAULT_CDCML_SETTINGS, onnx ? changed(given, { picture: { onnx } }) : given),
  };
  delete all['system'];
  const parsed = cdcmlSettingsSchema.safeParse(all);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  throw new SynestheteError(
    'USAGE',
    `settings of the training, ${path.join('.') || 'the whole'}: ${message}; settings of the networks themselves are for --end-to-end`,
  );
}

/**
 * Applies the changes, part by part where both have parts; replaces centres of categories as a whole, since they are
 * one set of categories.
 */
export function changed(
  settings: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const merged = Object.entries(changes).map(([name, value]): [string, unknown] => {
    const before = settings[name];
    return [name, name !== 'centres' && isParts(before) && isParts(value) ? changed(before, value) : value];
  });
  return { ...settings, ...Object.fromEntries(merged) };
}

export function isParts(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function splitsOf(names: readonly string[]): (typeof SPLITS)[number][] {
  return names.map((name) => {
    const split = SPLITS.find((known) => known === name.trim());
    if (split !== undefined) return split;
    throw new SynestheteError('USAGE', `--splits: "${name}" is no split; splits are ${SPLITS.join(', ')}`);
  });
}

function nameOfSet(manifest: string): string {
  return parse(manifest).name;
}

function setOf(manifest: LabelledSet['manifest'], terms: ReturnType<typeof termsOfSets>): LabelledSet {
  const name = nameOfSet(manifest.path);
  return { name, terms: terms(name) ?? 'not stated', manifest };
}

function jsonOf(model: ModelDescription, out: string, failed: readonly SynestheteError[]): string {
  const { architecture, sigma, constant, metrics, pictureEncoder } = model;
  const skipped = failed.map(({ message }) => message);
  const summary = { out, architecture: architecture.name, sigma, constant, metrics, skipped };
  return `${JSON.stringify({ ...summary, ...(pictureEncoder && { pictureEncoder }) })}\n`;
}

function describe(model: ModelDescription, out: string, besides: ModelDescription | undefined): string {
  const sets = besides?.data.map(({ name, files }) => `${name} (${files} files)`).join(', ');
  return [
    'predicted by networks that were trained without them:\n',
    figureTable(leftOutOf(model), besides && leftOutOf(besides)),
    `pictures: ${model.folds!.pictures}\nmusic: ${model.folds!.music}\n`,
    sets === undefined
      ? ''
      : `built-in: the model that comes with the program, on data of its own: ${sets}\n`,
    `written to ${out}\n`,
  ].join('');
}
