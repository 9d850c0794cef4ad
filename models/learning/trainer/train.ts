import { mkdir, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { sha256, sha256OfFile } from '../../checksum.ts';
import { SynestheteError } from '../../errors.ts';
import { readEncoderWeights } from '../../encoders/index.ts';
import { hardwareOf } from '../../engine/index.ts';
import type { Engine } from '../../engine/index.ts';
import { peakBytes } from '../../graph/index.ts';
import type { Shape } from '../../graph/index.ts';
import { MEL_ROWS, clipShape, initialState, pictureShape } from '../../networks/index.ts';
import type { SystemSettings, Weights } from '../../networks/index.ts';
import { assertSameArchitecture, readSafetensors } from '../../weights/index.ts';
import type { Tensor } from '../../weights/index.ts';
import { removeHalfWritten, writeFailure } from '../../write-whole.ts';
import type { DiskCache } from '../cache.ts';
import { formatScale } from '../scale.ts';
import { frozenEncoder, frozenResnet, refuseRandomBackbone } from './backbone.ts';
import type { FrozenBackbone } from './backbone.ts';
import { BatchFeeder, FeatureFeeder } from './batches.ts';
import { CHECKPOINT_VERSION, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import type { Checkpoint, CheckpointRecord, Progress } from './checkpoint.ts';
import { featureStatistics, readLists, readTrainingData, rowStatistics } from './data.ts';
import type { DataSources, JudgedSplit, Judging, SplitData, TrainingData, TrainingLists } from './data.ts';
import { judgedPairs } from './judged-pairs.ts';
import { Journal } from './journal.ts';
import { Media } from './media.ts';
import type { StretchReader } from './media.ts';
import { MoodReader, SplitReader } from './readings.ts';
import type { Readings, StateValues } from './readings.ts';
import { writeReport } from './report.ts';
import { writeResult } from './result.ts';
import { completeSettings, systemSettings } from './settings.ts';
import type { TrainingSettings } from './settings.ts';
import { runStage, valuesOf } from './stage.ts';
import type { Stage, StageContext, TrainingProgress } from './stage.ts';
import { Stopped, goOnUnless } from './stopped.ts';
import type { GoOn } from './stopped.ts';
import { MOOD_STAGE, moodStep, networkStep } from './step.ts';
import type { TrainingStep } from './step.ts';
import { bestScore, criterion, validate } from './validation.ts';
import type { Score, Validation } from './validation.ts';

/** What to train, on what, and where to. */
export interface TrainRequest {
  /** Settings as they were given; see `completeSettings`. On resuming only those that shall be checked. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Images and music are needed to begin. On resuming the checkpoint tells all, and those given shall be the same. */
  readonly sources: Partial<TrainSources> | undefined;
  /** The folder for model.json, weights.safetensors, metrics.jsonl, report.html and checkpoint.safetensors. */
  readonly out: string;
  readonly resume: boolean;
  /** After so many minutes of steps and validation, all in all, the network is done. */
  readonly maxMinutes?: number | undefined;
  /** At least so often a checkpoint is written; by default every minute. Results don't depend on it. */
  readonly checkpointSeconds?: number | undefined;
  /** Memory that may be used, by default what is free. */
  readonly memoryBytes?: number | undefined;
  /** What has come of it is judged by pairs of val, and of test, as well. Training makes nothing of them. */
  readonly judging?: Judging | undefined;
  /** Licence or terms that the data came under, for model.json. */
  readonly dataTerms?: string | undefined;
}

export interface TrainSources extends DataSources {
  /** Checkpoints with torchvision's names. */
  readonly imageWeights?: string | undefined;
  readonly musicWeights?: string | undefined;
}

/** What training needs of its surroundings. */
export interface TrainContext {
  readonly engine: Engine;
  readonly threads: number;
  readonly readStretch: StretchReader;
  readonly cache: DiskCache;
  /** Is told, in one line, what a person should know. */
  readonly notice: (line: string) => void;
  readonly onReading?: (done: number, all: number) => void;
  readonly onProgress?: (progress: TrainingProgress) => void;
  readonly isStopped?: () => boolean;
}

export interface TrainResult {
  readonly out: string;
  readonly architecture: SystemSettings;
  readonly settings: TrainingSettings;
  /** Of the val split, with the weights that were kept. */
  readonly validation: Validation;
  /** Of the test split, where it was asked for. */
  readonly test: Validation | undefined;
  readonly ranking: Score;
  readonly skipped: readonly string[];
  /** What of the split train it learnt from; `listedPairs` is null where no file lists pairs. */
  readonly trainedOn: {
    readonly images: number;
    readonly clips: number;
    readonly listedPairs: number | null;
  };
  /** Steps of the network that were done, and the epoch whose weights were kept. */
  readonly steps: number;
  readonly bestEpoch: number;
  readonly seconds: number;
}

const CHECKPOINT_SECONDS = 60;

export const CHECKPOINT_FILE = 'checkpoint.safetensors';

/**
 * Trains a system and writes its folder. Killed at any moment, it goes on with `resume` and gives the weights that it
 * would have given uninterrupted, on the same engine with the same number of threads.
 *
 * @returns undefined when it was stopped on demand, with a checkpoint written unless the data was still being read
 * @throws SynestheteError USAGE, also for sources other than those of the checkpoint; OTHER_ARCHITECTURE for a checkpoint of other settings, or weights that don't fit;
 *   DIVERGED; NO_MEMORY; WRITE_FAILED; the errors of `readTrainingData`
 */
export async function train(request: TrainRequest, context: TrainContext): Promise<TrainResult | undefined> {
  const out = resolve(request.out);
  const checkpointPath = join(out, CHECKPOINT_FILE);
  const found = await readCheckpoint(checkpointPath);
  if (found && !request.resume) {
    throw new SynestheteError(
      'USAGE',
      `${out} holds a training already: --resume goes on with it, or name another folder`,
    );
  }
  if (!request.resume) await refuseFinished(out);
  const { settings, sources, changes } = found
    ? checkedAgainst(checkpointPath, found.record, request, context)
    : { settings: completeSettings(request.given), sources: completeSources(request), changes: [] };
  if (sources.pairs !== undefined && settings.pairs !== 'sampled') {
    throw new SynestheteError(
      'USAGE',
      'files of pairs need the sampled form of the losses: add --pairs-form sampled',
    );
  }
  const lists = await readLists(sources, request.judging);
  const backbone = await openBackbone(settings, sources, context.engine);
  const setting = { settings, sources, changes, lists, out, checkpointPath, backbone };
  try {
    return await new Training(request, context, setting).run(found);
  } catch (error) {
    if (error instanceof Stopped) return undefined;
    throw error;
  } finally {
    await backbone?.close();
  }
}

/** The files that a training writes whole. */
const WRITTEN = [CHECKPOINT_FILE, 'weights.safetensors', 'model.json', 'report.html'];

/**
 * Makes the folder of a training and has `work` fill it.
 * @throws SynestheteError WRITE_FAILED; the errors of `work`, with no empty folder left behind
 */
async function inFolder<T>(out: string, work: () => Promise<T>): Promise<T> {
  let made: string | undefined;
  try {
    made = await mkdir(out, { recursive: true });
  } catch (error) {
    throw writeFailure(out, error);
  }
  try {
    await removeHalfWritten(out, WRITTEN);
    return await work();
  } catch (error) {
    if (made !== undefined) {
      // One that is not empty stays, and so do those around it.
      for (let folder = out; folder.length >= made.length; folder = dirname(folder))
        await rmdir(folder).catch(() => undefined);
    }
    throw error;
  }
}

async function refuseFinished(out: string): Promise<void> {
  const isThere = await stat(join(out, 'model.json')).then(
    () => true,
    () => false,
  );
  if (isThere) throw new SynestheteError('USAGE', `${out} holds a model already: name another folder`);
}

function completeSources({ sources, out, resume }: TrainRequest): TrainSources {
  const { images, music, skipBad = false, ...others } = sources ?? {};
  if (images !== undefined && music !== undefined) return { ...others, images, music, skipBad };
  throw new SynestheteError(
    'USAGE',
    resume
      ? `${out} holds no checkpoint to resume from: give --images and --music to begin`
      : 'both --images and --music are needed',
  );
}

/** What people name sources by. */
const SOURCE_OPTIONS = {
  images: '--images',
  music: '--music',
  pairs: '--pairs',
  imageWeights: '--image-weights',
  musicWeights: '--music-weights',
  scale: '--scale',
  skipBad: '--skip-bad',
} as const satisfies Record<keyof TrainSources, string>;

function refuseOtherSources(out: string, recorded: TrainSources, given: Partial<TrainSources>): void {
  const before = described(recorded);
  const now = described(given);
  for (const name of Object.keys(SOURCE_OPTIONS) as (keyof TrainSources)[]) {
    if (now[name] === undefined || now[name] === before[name]) continue;
    const option = SOURCE_OPTIONS[name];
    throw new SynestheteError(
      'USAGE',
      `the training in ${out} was begun with ${option} ${before[name] ?? 'left out'}, not ${now[name]}: leave ${option} out to go on with it, or begin anew in another folder`,
    );
  }
}

/** Sources as people see them, with whole paths. */
function described(sources: Partial<TrainSources>): Partial<Record<keyof TrainSources, string>> {
  const { scale, skipBad, ...paths } = sources;
  return {
    ...Object.fromEntries(
      Object.entries(paths).flatMap(([name, path]) => (path === undefined ? [] : [[name, resolve(path)]])),
    ),
    ...(scale && { scale: formatScale(scale) }),
    ...(skipBad !== undefined && { skipBad: skipBad ? 'given' : 'left out' }),
  };
}

type Json = CheckpointRecord['settings'];

/** The settings and sources of a checkpoint, after a look whether those that were given agree with them. */
function checkedAgainst(
  path: string,
  record: CheckpointRecord,
  request: TrainRequest,
  context: TrainContext,
): { settings: TrainingSettings; sources: TrainSources; changes: CheckpointRecord['changes'] } {
  refuseOtherSources(request.out, record.sources, request.sources ?? {});
  const { provider, threads } = record.engine;
  const stored = { name: nameOf(record.settings), settings: record.settings };
  const given = Object.fromEntries(
    Object.entries(request.given).filter(([, value]) => value !== undefined),
  ) as Json;
  if (given['system'] !== undefined && given['system'] !== stored.name)
    assertSameArchitecture(path, stored, { name: nameOf(given), settings: {} });
  const completed = completeSettings({ ...record.settings, ...given });
  // The learning rate alone may be changed on the way: where a training diverged, it is what helps.
  const { learningRate } = completed;
  const { learningRate: was, ...checked } = pick(completed as unknown as Json, Object.keys(given));
  const needed = { ...record.settings, ...checked };
  assertSameArchitecture(path, stored, { name: nameOf(needed), settings: needed });
  assertSameArchitecture(
    path,
    { name: stored.name, settings: { engine: provider, threads } },
    { name: stored.name, settings: { engine: context.engine.provider, threads: context.threads } },
  );
  const settings = completeSettings(record.settings);
  if (was === undefined || learningRate === settings.learningRate)
    return { settings, sources: record.sources, changes: record.changes };
  const { stage, step } = record.progress;
  if (stage > 0) {
    throw new SynestheteError(
      'USAGE',
      `the network in ${request.out} is trained already, with ${settings.learningRate}: leave --learning-rate out`,
    );
  }
  const change = { step, learningRate, was: settings.learningRate };
  return {
    settings: { ...settings, learningRate },
    sources: record.sources,
    changes: [...record.changes, change],
  };
}

/** Checksums of the weights that training begins with. @throws SynestheteError FILE_NOT_FOUND */
async function weightSums({ imageWeights, musicWeights }: TrainSources): Promise<string[]> {
  const sumOf = async (path: string | undefined) => (path === undefined ? '' : sha256OfFile(path));
  return [await sumOf(imageWeights), await sumOf(musicWeights)];
}

function nameOf({ system }: Json): string {
  return typeof system === 'string' ? system : JSON.stringify(system);
}

function pick(values: Json, keys: readonly string[]): Json {
  return Object.fromEntries(keys.map((key) => [key, values[key]!]));
}

async function openBackbone(
  settings: TrainingSettings,
  sources: TrainSources,
  engine: Engine,
): Promise<FrozenBackbone | null> {
  if (!settings.frozen) return null;
  if (settings.imageBackbone !== 'resnet50') {
    if (sources.imageWeights === undefined) return frozenEncoder(engine, settings.imageBackbone);
    throw new SynestheteError(
      'USAGE',
      `a frozen ${settings.imageBackbone} has the weights of the package: leave out --image-weights, or --frozen`,
    );
  }
  if (sources.imageWeights === undefined) return refuseRandomBackbone();
  const { tensors } = await readSafetensors(sources.imageWeights);
  return frozenResnet(engine, Object.fromEntries(tensors), settings.imageSize, settings.width);
}

interface Setting {
  readonly settings: TrainingSettings;
  readonly sources: TrainSources;
  readonly changes: CheckpointRecord['changes'];
  readonly lists: TrainingLists;
  readonly out: string;
  readonly checkpointPath: string;
  readonly backbone: FrozenBackbone | null;
}

/** Parts of the free memory that features of clips may take. */
const STORE_PART = 0.25;
const MOST_STORE_BYTES = 2 * 2 ** 30;
/** What an engine takes beside the tensors of the graph, as a part of them: packed kernels, columns of convolutions. */
const ENGINE_PART = 0.3;
/** One in work, two that are made ready, and pixels under way. */
const BATCHES_AT_ONCE = 4;
/** Node itself, the engine's code, decoders. */
const BASE_BYTES = 300 * 2 ** 20;

class Training {
  readonly #request: TrainRequest;
  readonly #context: TrainContext;
  readonly #setting: Setting;
  readonly #goOn: GoOn;

  constructor(request: TrainRequest, context: TrainContext, setting: Setting) {
    this.#request = request;
    this.#context = context;
    this.#setting = setting;
    this.#goOn = goOnUnless(context.isStopped ?? (() => false));
  }

  async run(found: Checkpoint | null): Promise<TrainResult | undefined> {
    const { settings, sources, out, backbone } = this.#setting;
    const { engine } = this.#context;
    const system = systemSettings(settings, backbone?.features ?? 0);
    const free = this.#request.memoryBytes ?? process.availableMemory();
    const budgetBytes = Math.min(free * STORE_PART, MOST_STORE_BYTES);
    const hasPairs = sources.pairs !== undefined;
    // All that can be refused comes before the data is read, which may take long: σ changes no shape.
    const step = networkStep({ system, settings, sigma: 1, hasPairs, hardware: hardwareOf(engine) });
    const initial = found ? undefined : await this.#initial(step, sources);
    this.#tellMemory(step, system, free, budgetBytes);
    return inFolder(out, () => this.#train(found, system, initial, budgetBytes));
  }

  async #train(
    found: Checkpoint | null,
    system: SystemSettings,
    initial: StateValues | undefined,
    budgetBytes: number,
  ): Promise<TrainResult | undefined> {
    const { settings, sources, changes, lists, out, backbone } = this.#setting;
    const { engine, notice } = this.#context;
    const media = new Media(this.#context.cache, this.#context.readStretch);
    const read = await readTrainingData(sources, lists, {
      system,
      media,
      backbone,
      imageVariants: settings.augment ? settings.imageVariants : 0,
      clipVariants: settings.augment ? settings.clipVariants : 0,
      seed: settings.seed,
      budgetBytes,
      onProgress: this.#context.onReading ?? (() => undefined),
      notice,
      goOn: this.#goOn,
    });
    const fingerprint = sha256([read.fingerprint, ...(await weightSums(sources))].join('\n'));
    const data = { ...read, fingerprint };
    for (const line of data.skipped) notice(`left out: ${line}`);
    if (found && found.record.dataFingerprint !== fingerprint) {
      throw new SynestheteError(
        'OTHER_ARCHITECTURE',
        `${this.#setting.checkpointPath} was trained on other data: the manifests, the files that they name or the weights to begin with have changed; begin anew in another folder`,
      );
    }
    const statistics = await this.#statistics(data, system);
    const journal = new Journal(join(out, 'metrics.jsonl'), found?.record.progress.metricsBytes ?? 0);
    try {
      const change = changes.at(-1);
      if (change && changes.length > (found?.record.changes.length ?? 0)) {
        const { step, learningRate, was } = change;
        notice(`the learning rate is ${learningRate} from here on; up to step ${step} it was ${was}`);
        journal.write({ kind: 'change', stage: 'network', ...change });
      }
      const network = await this.#network(found, data, system, { statistics, initial }, journal);
      if (!network) return undefined;
      const reader = await SplitReader.open(engine, system, system.moods !== 'afterwards', this.#goOn);
      const moods =
        system.moods === 'afterwards'
          ? await this.#moods(found, data, system, { ...network, statistics, reader }, journal)
          : { weights: new Map<string, Tensor>(), progress: network.progress };
      if (!moods) return undefined;
      await reader.close();
      const weights = new Map([...network.weights, ...moods.weights]);
      const state = { ...valuesOf(weights), ...statistics };
      const validation = await this.#judge('val', data.val, data, system, state);
      const test = data.test && (await this.#judge('test', data.test, data, system, state));
      const ranking = bestScore(validation);
      await writeReport(out, settings);
      await writeResult(out, {
        system,
        settings,
        changes,
        sources,
        data,
        statistics,
        weights,
        backbone,
        validation,
        ranking,
        dataTerms: this.#request.dataTerms,
      });
      const { step, bestEpoch, elapsedSeconds } = network.progress;
      const done = network.progress.network ?? { steps: step, bestEpoch, seconds: elapsedSeconds };
      return {
        out,
        architecture: system,
        settings,
        validation,
        test,
        ranking,
        skipped: data.skipped,
        trainedOn: {
          images: data.train.pictures.length,
          clips: data.train.clips.length,
          listedPairs: data.pairs?.length ?? null,
        },
        ...done,
      };
    } finally {
      journal.close();
    }
  }

  #tellMemory(step: TrainingStep, system: SystemSettings, free: number, budgetBytes: number): void {
    const { settings } = this.#setting;
    const { whole, micro } = step;
    const graphs = [whole.graph, ...(micro ? [micro.forward, micro.backward.graph] : [])];
    const graphBytes = graphs.reduce((sum, graph) => sum + peakBytes(graph), 0) * (1 + ENGINE_PART);
    const batchBytes = 4 * settings.batch * (sizeOf(pictureShape(system)) + sizeOf(clipShape(system)));
    const needed = graphBytes + BATCHES_AT_ONCE * batchBytes + BASE_BYTES;
    const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
    this.#context.notice(
      `memory: about ${gigabytes(needed)} for a micro-batch of ${settings.microBatch}, up to ${gigabytes(budgetBytes)} for features of clips; ${gigabytes(free)} are free`,
    );
    if (needed <= free) return;
    throw new SynestheteError(
      'NO_MEMORY',
      `a micro-batch of ${settings.microBatch} pictures and clips needs about ${gigabytes(needed)}, ${gigabytes(free)} are free: choose a smaller --micro-batch (the batch of ${settings.batch} stays, in more runs)`,
    );
  }

  async #statistics(data: TrainingData, system: SystemSettings): Promise<Record<string, Float32Array>> {
    const statistics: Record<string, Float32Array> = {};
    if (system.normalisation !== 'none') {
      const isMel = (row: number): boolean =>
        system.system !== 'l3-net' &&
        system.normalisation === 'log-mel' &&
        row >= MEL_ROWS.first &&
        row < MEL_ROWS.end;
      const music = await rowStatistics(data.train, system, (row, value) =>
        isMel(row) ? 10 * Math.log10(Math.max(1e-10, value)) : value,
      );
      statistics['music.features.mean'] = music.mean;
      statistics['music.features.deviation'] = music.deviation;
    }
    if (system.imageFrozen) {
      const image = featureStatistics(data.train.pictures, system.imageFeatures);
      statistics['image.features.mean'] = image.mean;
      statistics['image.features.deviation'] = image.deviation;
    }
    return statistics;
  }

  #stageContext(data: TrainingData, journal: Journal, done: ReadonlyMap<string, Tensor>): StageContext {
    const { settings, sources, changes, out, checkpointPath } = this.#setting;
    const { engine, threads, onProgress, isStopped } = this.#context;
    return {
      engine,
      journal,
      out,
      maxSeconds: 60 * (this.#request.maxMinutes ?? Infinity),
      checkpointSeconds: this.#request.checkpointSeconds ?? CHECKPOINT_SECONDS,
      onProgress: onProgress ?? (() => undefined),
      notice: this.#context.notice,
      isStopped: isStopped ?? (() => false),
      save: (progress, now, best) =>
        writeCheckpoint(checkpointPath, {
          record: {
            format: 'synesthete-checkpoint',
            formatVersion: CHECKPOINT_VERSION,
            settings: settings as unknown as Json,
            changes: [...changes],
            sources: absolute(sources),
            dataFingerprint: data.fingerprint,
            engine: { provider: engine.provider, threads },
            progress,
          },
          now,
          best,
          done,
        }),
    };
  }

  async #network(
    found: Checkpoint | null,
    data: TrainingData,
    system: SystemSettings,
    { statistics, initial }: { readonly statistics: StateValues; readonly initial: StateValues | undefined },
    journal: Journal,
  ): Promise<{ weights: ReadonlyMap<string, Tensor>; progress: Progress } | undefined> {
    const { settings } = this.#setting;
    if (found?.record.progress.stage === 1) return { weights: found.done, progress: found.record.progress };
    const { engine } = this.#context;
    const step = networkStep({
      system,
      settings,
      sigma: data.sigma,
      hasPairs: data.pairs !== undefined,
      hardware: hardwareOf(engine),
    });
    const reader = await SplitReader.open(engine, system, system.moods !== 'afterwards', this.#goOn);
    const stage: Stage = {
      name: 'network',
      step,
      feeder: new BatchFeeder(data, system, settings, step),
      statistics,
      epochs: settings.epochs,
      patience: settings.patience,
      isTimed: true,
      learningRate: (epoch) =>
        settings.learningRate * settings.decayBy ** Math.floor((epoch - 1) / settings.decayEpochs),
      validate: async (state) => {
        const read = {
          pictures: await reader.pictures(data.val, state),
          clips: await reader.clips(data.val, state),
        };
        const validation = validate(data.val, data, system, state, read);
        const terms = { sim: settings.terms.includes('sim'), va: settings.terms.includes('va') };
        return { criterion: criterion(validation, terms), figures: figuresOf(validation) };
      },
    };
    const start = {
      progress: found?.record.progress ?? beginning(0, 0),
      now: found ? valuesOf(found.now) : initial!,
      best: found?.best ?? new Map<string, Tensor>(),
    };
    const result = await runStage(stage, start, this.#stageContext(data, journal, new Map()));
    await reader.close();
    return result.isStopped ? undefined : { weights: result.best, progress: result.progress };
  }

  async #moods(
    found: Checkpoint | null,
    data: TrainingData,
    system: SystemSettings,
    network: {
      readonly weights: ReadonlyMap<string, Tensor>;
      readonly progress: Progress;
      readonly statistics: StateValues;
      readonly reader: SplitReader;
    },
    journal: Journal,
  ): Promise<{ weights: ReadonlyMap<string, Tensor> } | undefined> {
    const { settings } = this.#setting;
    const { reader, progress } = network;
    const { step: steps, bestEpoch, elapsedSeconds: seconds } = progress;
    const state = { ...valuesOf(network.weights), ...network.statistics };
    const read = async (split: TrainingData['train']): Promise<{ pictures: Readings; clips: Readings }> => ({
      pictures: await reader.pictures(split, state),
      clips: await reader.clips(split, state),
    });
    const [train, val] = [await read(data.train), await read(data.val)];
    const batch = Math.min(MOOD_STAGE.batch, settings.batch);
    const step = moodStep(system, batch, hardwareOf(this.#context.engine));
    const moodReader = await MoodReader.open(this.#context.engine, system);
    const stage: Stage = {
      name: 'moods',
      step,
      feeder: new FeatureFeeder(
        { features: train.pictures.features, items: data.train.pictures },
        { features: train.clips.features, items: data.train.clips },
        step,
        settings.seed,
      ),
      statistics: {},
      epochs: MOOD_STAGE.epochs,
      patience: MOOD_STAGE.patience,
      isTimed: false,
      learningRate: () => MOOD_STAGE.learningRate,
      validate: async (moodState) => {
        const withMoods = {
          pictures: { ...val.pictures, moods: await moodReader.read(val.pictures.features, moodState) },
          clips: { ...val.clips, moods: await moodReader.read(val.clips.features, moodState) },
        };
        const validation = validate(data.val, data, system, state, withMoods);
        return {
          criterion: criterion(validation, { sim: false, va: true }),
          figures: figuresOf(validation),
        };
      },
    };
    const isUnderWay = found?.record.progress.stage === 1;
    const start = {
      progress: isUnderWay
        ? found.record.progress
        : { ...beginning(1, journal.bytes), network: { steps, bestEpoch, seconds } },
      now: isUnderWay ? valuesOf(found.now) : initialState(step.evolving, settings.seed),
      best: isUnderWay ? found.best : new Map<string, Tensor>(),
    };
    const result = await runStage(stage, start, this.#stageContext(data, journal, network.weights));
    await moodReader.close();
    return result.isStopped ? undefined : { weights: result.best };
  }

  async #initial(step: TrainingStep, sources: TrainSources): Promise<Record<string, Float32Array>> {
    const { settings } = this.#setting;
    const initial = initialState(step.evolving, settings.seed);
    this.#tellRandomStarts(sources);
    const { imageBackbone, system } = settings;
    if (!settings.frozen && sources.imageWeights !== undefined) {
      takeOver(initial, step, sources.imageWeights, await backboneOf(sources.imageWeights), 'image.');
    } else if (!settings.frozen && system !== 'l3-net' && imageBackbone !== 'resnet50') {
      takeOver(initial, step, imageBackbone, await readEncoderWeights(imageBackbone), 'image.');
    }
    if (sources.musicWeights !== undefined)
      takeOver(initial, step, sources.musicWeights, await backboneOf(sources.musicWeights), 'music.');
    return initial;
  }

  /** The paper's networks begin with ImageNet's weights; L3-Net and ACP-Net begin with none in their papers too. */
  #tellRandomStarts({ imageWeights, musicWeights }: TrainSources): void {
    const { system, frozen, imageBackbone } = this.#setting.settings;
    if (system !== 'cdcml' && system !== 'sp-net') return;
    const starts = [
      ...(!frozen && imageBackbone === 'resnet50' && imageWeights === undefined
        ? ['the ResNet-50 of the pictures (--image-weights, or --image-backbone efficientnet-lite0)']
        : []),
      ...(musicWeights === undefined ? ['the ResNet-18 of the music (--music-weights)'] : []),
    ];
    if (starts.length === 0) return;
    this.#context.notice(
      `random start of ${starts.join(' and ')}: the paper’s begin with ImageNet’s weights, which the options give`,
    );
  }

  /** How good the finished weights are on a split. */
  async #judge(
    name: JudgedSplit,
    split: SplitData,
    data: TrainingData,
    system: SystemSettings,
    state: StateValues,
  ): Promise<Validation> {
    const reader = await SplitReader.open(this.#context.engine, system, true, this.#goOn);
    const read = { pictures: await reader.pictures(split, state), clips: await reader.clips(split, state) };
    await reader.close();
    const listed = data.judgedPairs?.split === name ? data.judgedPairs.list : undefined;
    const pairs = this.#request.judging && judgedPairs(name, data, split, listed);
    return validate(split, data, system, state, read, pairs);
  }
}

function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}

function absolute(sources: TrainSources): CheckpointRecord['sources'] {
  const { images, music, pairs, scale, skipBad, imageWeights, musicWeights } = sources;
  return {
    images: resolve(images),
    music: resolve(music),
    skipBad,
    ...(pairs !== undefined && { pairs: resolve(pairs) }),
    ...(scale && { scale }),
    ...(imageWeights !== undefined && { imageWeights: resolve(imageWeights) }),
    ...(musicWeights !== undefined && { musicWeights: resolve(musicWeights) }),
  };
}

function beginning(stage: number, metricsBytes: number): Progress {
  return {
    stage,
    step: 0,
    validatedStep: 0,
    bestEpoch: 0,
    bestCriterion: null,
    elapsedSeconds: 0,
    metricsBytes,
  };
}

/** What metrics.jsonl tells of a validation. */
function figuresOf(validation: Validation): Record<string, unknown> {
  const { similarity, image, music, retrieval } = validation;
  return { similarity, image, music, retrieval };
}

/** The weights of a torchvision checkpoint without its classifier. */
async function backboneOf(path: string): Promise<Weights> {
  const { tensors } = await readSafetensors(path, (name) => !name.startsWith('fc.'));
  return Object.fromEntries(tensors);
}

/** Puts given weights of a backbone in place of the initial ones. */
function takeOver(
  initial: Record<string, Float32Array>,
  step: TrainingStep,
  path: string,
  weights: Weights,
  prefix: string,
): void {
  for (const { input, shape } of step.evolving) {
    const isOfBackbone =
      input.startsWith(prefix) && !input.startsWith(`${prefix}fc.`) && !input.includes(':');
    if (!isOfBackbone) continue;
    const name = input.slice(prefix.length);
    const tensor = weights[name];
    if (tensor?.shape.join() !== shape.join()) {
      const has = tensor ? `has [${tensor.shape.join(', ')}]` : 'is missing';
      throw new SynestheteError(
        'OTHER_ARCHITECTURE',
        `${path}: weight ${name} ${has}, the network needs [${shape.join(', ')}]: name a checkpoint of this network with torchvision's names`,
      );
    }
    initial[input] = tensor.data;
  }
}
