import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../checksum.ts';
import { openClipEncoders } from '../encoders/index.ts';
import { hardwareOf, type Engine } from '../engine/index.ts';
import { SynestheteError } from '../errors.ts';
import {
  cacheKey,
  meanDistance,
  meanPoint,
  meanSimilarity,
  planePoints,
  type DiskCache,
  type ManifestLine,
  type PlanePoints,
} from '../learning/index.ts';
import type { Mood } from '../serving/index.ts';
import { writeModelDescription, type ModelDescription } from '../weights/index.ts';
import { writeFailure, writeWhole } from '../write-whole.ts';
import { pictureEncodersIdentity } from './encoders.ts';
import type { EncodedFiles } from './encoded-files.ts';
import { clipExamples, fileCount, pictureExamples, type Example, type LabelledSet } from './examples.ts';
import { fitSimilarity, type Judged, type SimilarityFit } from './expected-similarity.ts';
import { galleriesFigure, judged, sideFigures, similarityFigure, type FoldPairs } from './figures.ts';
import { pairScores, readLeftOut, type LeftOutReading } from './left-out.ts';
import { WEIGHTS_FILE, architectureOf, encodeParts, type CdcmlModelParts } from './model-file.ts';
import { trainingStep, type Step } from './network.ts';
import { poolOf, type Pool } from './pool.ts';
import type { CdcmlSettings, SideSettings } from './settings.ts';
import { clipBlocks, pictureBlocks, prepareSide, type Side } from './side.ts';
import { trainStudent, type Lesson, type Trained } from './student.ts';
import { Teachers } from './teacher.ts';
import { fitErrors } from './uncertainty.ts';

/** What a training has come to: `stage` is what a person reads. */
export interface CdcmlProgress {
  readonly stage: 'pictures' | 'sound files' | 'teachers' | 'networks (epochs)';
  readonly done: number;
  readonly total: number;
}

export interface CdcmlTrainingOptions {
  /** Pictures and music. The first set of each must have ratings: figures and errors are judged by them. */
  readonly images: readonly LabelledSet[];
  readonly music: readonly LabelledSet[];
  /** Rows of other splits are not looked at. Rows without a split are used. */
  readonly splits: readonly NonNullable<ManifestLine['split']>[];
  readonly settings: CdcmlSettings;
  readonly files: EncodedFiles;
  readonly engine: Engine;
  /** Keeps what the teachers said and every network that is finished: an interrupted training resumes from there. */
  readonly cache: DiskCache;
  /** Where to write model.json and the weights; made if it isn't there. */
  readonly folder: string;
  /** For model.json: when it was made, ISO 8601. Nothing else depends on it. */
  readonly date: string;
  readonly skipBad?: boolean;
  readonly skipped?: (error: SynestheteError) => void;
  readonly progress?: (progress: CdcmlProgress) => void;
  /** Asked after each file and each epoch: whether to end here, with nothing written. */
  readonly isStopped?: (() => boolean) | undefined;
}

/** To be raised whenever the same lessons would give another network. */
const VERSION = 1;
const FOLDS = 5;
const FOLD_SEED = 1;
/** How the variance of the errors is multiplied before similarities are averaged over it. */
const VARIANCE_FACTOR = 1.15;

/**
 * Trains CDCML on frozen encoders and writes it. The same data and settings give the same weights, bit for bit.
 *
 * @returns what was written into model.json; undefined when it was stopped.
 * @throws SynestheteError BAD_TABLE (no ratings, a category without a centre), those of the files, DIVERGED, WRITE_FAILED.
 */
export async function trainCdcml(options: CdcmlTrainingOptions): Promise<ModelDescription | undefined> {
  const { settings, engine } = options;
  const isUsed = ({ split }: ManifestLine) => split === undefined || options.splits.includes(split);
  const pictures = await read('pictures', options.images, pictureExamples, isUsed, options);
  const clips = await read('sound files', options.music, clipExamples, isUsed, options);
  if (options.isStopped?.() === true) return undefined;

  const told = (done: number) => options.progress?.({ stage: 'teachers', done, total: 2 });
  told(0);
  const image = await taught(engine, pictures, pictureBlocks(settings), settings.picture, options);
  told(1);
  const music = await taught(engine, clips, clipBlocks(settings), settings.music, options);
  told(2);

  const truths = { image: ratingsOf(image.side), music: ratingsOf(music.side) };
  const sigma = meanDistance(truths.image, truths.music);
  const networks = await trainNetworks(image, music, sigma, options);
  if (networks === undefined) return undefined;
  const [whole, ...folds] = networks;
  const leftOut = await readFolds(image.side, music.side, folds, options);
  const figures = figuresOf(image.side, music.side, folds, leftOut, settings, sigma);
  const teacherFigures = rounded({
    ...sideFigures('image', image.side, teacherLeftOut(image)),
    ...sideFigures('music', music.side, teacherLeftOut(music)),
    ...galleriesFigure(judged(image.side, teacherLeftOut(image)), judged(music.side, teacherLeftOut(music))),
  });
  const clipEncoders = await openClipEncoders(engine, settings.music.encoders);
  await clipEncoders.close();
  const parts: CdcmlModelParts = {
    settings,
    picture: image.side.map,
    music: music.side.map,
    weights: Object.fromEntries(whole!.weights),
    encoders: {
      picture: await pictureEncodersIdentity(settings.picture.encoders),
      music: clipEncoders.identity,
    },
    errors: {
      image: fitErrors(judged(image.side, leftOut.pictures.flat())),
      music: fitErrors(judged(music.side, leftOut.clips.flat())),
    },
  };
  return write(
    parts,
    { truths, sigma, figures, teacherFigures, losses: whole!.losses },
    { pictures, clips },
    options,
  );
}

async function read(
  stage: 'pictures' | 'sound files',
  sets: readonly LabelledSet[],
  examples: typeof pictureExamples,
  isUsed: (entry: ManifestLine) => boolean,
  { files, settings, skipBad = false, skipped, progress, isStopped }: CdcmlTrainingOptions,
): Promise<Example[]> {
  const total = fileCount(sets, isUsed);
  let done = 0;
  progress?.({ stage, done, total });
  const found = await examples(sets, isUsed, {
    files,
    settings,
    skipBad,
    skipped: (error) => skipped?.(error),
    isStopped: () => isStopped?.() === true,
    done: () => progress?.({ stage, done: ++done, total }),
  });
  if (isStopped?.() === true) return [];
  const path = sets[0]?.manifest.path ?? `no ${stage}`;
  const rated = found.filter(({ rating, set }) => rating !== undefined && set === sets[0]);
  if (rated.length === 0) {
    throw new SynestheteError(
      'BAD_TABLE',
      `${path}: there is no rated row to learn from; name first a manifest with valence and arousal that has rows of the splits asked for`,
    );
  }
  const groups = new Set(rated.map(({ group }) => group)).size;
  if (groups < FOLDS) {
    throw new SynestheteError(
      'BAD_TABLE',
      `${path}: its rated rows are of ${groups} ${stage === 'pictures' ? 'themes or pictures' : 'songs'}; what is learnt is judged on ${FOLDS} folds of them, so that at least ${FOLDS} are needed`,
    );
  }
  return found;
}

/** A side with what the teachers say: of all points, and of the original examples left out of their training. */
interface Taught {
  readonly side: Side;
  readonly pool: Pool;
  /** For no fold left out, then for each fold: row-major [points, 2], limited to [0, 1]. */
  readonly moods: readonly Float32Array[];
}

async function taught(
  engine: Engine,
  examples: readonly Example[],
  blocks: ReturnType<typeof pictureBlocks>,
  settings: SideSettings,
  { cache, settings: { seed } }: CdcmlTrainingOptions,
): Promise<Taught> {
  const side = await prepareSide(engine, examples, blocks, settings, { folds: FOLDS, seed: FOLD_SEED });
  const pool = poolOf(side, seed);
  const { rows } = side;
  const content = sha256(
    [pool.coordinates, rows.coordinates, rows.targets, rows.weights, rows.corpus, pool.folds]
      .map(bytesDigest)
      .join('\n'),
  );
  const { gamma, ridge, shared } = settings;
  const key = cacheKey(content, {
    what: 'teachers',
    version: VERSION,
    mean: rows.mean,
    gamma,
    ridge,
    shared,
  });
  const stored = await cache.getOrCompute(key, async () => {
    const folds = Int32Array.from(side.rowExamples, (example) => side.folds[example]!);
    const teachers = await Teachers.train(engine, rows, folds, { gamma, ridge, shared });
    const readings = await teachers.readings(pool.coordinates);
    await teachers.close();
    return new Map(
      readings.map((moods, t) => [
        `moods.${t}`,
        { shape: [pool.count, 2], data: moods.map((value) => Math.min(1, Math.max(0, value))) },
      ]),
    );
  });
  const moods = Array.from({ length: FOLDS + 1 }, (_, t) => stored.get(`moods.${t}`)!.data);
  return { side, pool, moods };
}

function bytesDigest({ buffer, byteOffset, byteLength }: Float32Array | Int32Array | Uint8Array): string {
  return sha256(Buffer.from(buffer, byteOffset, byteLength));
}

/** What the teachers say of rated originals of the first set that they had not seen, but for those of one fold. */
function teacherReadings({ side, moods }: Taught, without: number): Judged[] {
  return side.examples.flatMap(({ set, rating, isOriginal }, i) => {
    const fold = side.folds[i]!;
    if (set !== side.examples[0]!.set || rating === undefined || !isOriginal || fold === without) return [];
    const of = moods[fold + 1]!;
    return [{ read: { valence: of[2 * i]!, arousal: of[2 * i + 1]! }, truth: rating }];
  });
}

/** What the teachers say of the originals that they had not seen. */
function teacherLeftOut({ side, moods }: Taught): LeftOutReading[] {
  return side.examples.flatMap(({ isOriginal }, example) => {
    const fold = side.folds[example]!;
    const of = moods[fold + 1]!;
    const mood = { valence: of[2 * example]!, arousal: of[2 * example + 1]! };
    return isOriginal ? [{ example, fold, ...mood, embedding: new Float32Array() }] : [];
  });
}

/** One network of everything, then for each fold one without it. @returns undefined when it was stopped */
async function trainNetworks(
  image: Taught,
  music: Taught,
  sigma: number,
  { engine, settings, cache, progress, isStopped }: CdcmlTrainingOptions,
): Promise<Trained[] | undefined> {
  const sizes = { picture: image.side.size, clip: music.side.size };
  const step: Step = trainingStep(settings, sizes, sigma, hardwareOf(engine));
  const session = await engine.load(step.graph);
  const total = (FOLDS + 1) * settings.epochs;
  const networks: Trained[] = [];
  try {
    for (let t = 0; t <= FOLDS; t++) {
      const tell = (epoch: number) =>
        progress?.({ stage: 'networks (epochs)', done: t * settings.epochs + epoch, total });
      tell(0);
      const lesson = (of: Taught): Lesson => ({ pool: of.pool, moods: of.moods[t]! });
      const [pictures, clips] = [lesson(image), lesson(music)];
      const similarity: SimilarityFit = fitSimilarity(
        teacherReadings(image, t - 1),
        teacherReadings(music, t - 1),
        {
          sigma,
          varianceFactor: VARIANCE_FACTOR,
        },
      );
      const content = [pictures, clips].flatMap(({ pool, moods }) => [pool.coordinates, pool.folds, moods]);
      const key = cacheKey(sha256(content.map(bytesDigest).join('\n')), {
        what: 'network',
        version: VERSION,
        settings,
        similarity,
        without: t - 1,
      });
      const kept = await cache.find(key);
      if (kept !== undefined) {
        networks.push(decoded(kept));
        continue;
      }
      const trained = await trainStudent({
        pictures,
        clips,
        without: t - 1,
        similarity,
        settings,
        step,
        session,
        epochDone: tell,
        isStopped: () => isStopped?.() === true,
      });
      if (trained === undefined) return undefined;
      await cache.store(key, encoded(trained));
      networks.push(trained);
    }
  } finally {
    await session.close();
  }
  return networks;
}

const LOSSES = 'losses';

function encoded({ weights, losses }: Trained): Awaited<ReturnType<DiskCache['find']>> & object {
  const numbers = Float32Array.from([...Object.values(losses.first), ...Object.values(losses.last)]);
  return new Map([...weights, [LOSSES, { shape: [2, numbers.length / 2], data: numbers }]]);
}

function decoded(tensors: Awaited<ReturnType<DiskCache['find']>> & object): Trained {
  const weights = new Map(tensors);
  const { data, shape } = weights.get(LOSSES)!;
  weights.delete(LOSSES);
  const terms = (row: number) => {
    const [sim, va, cfr, cfm, sfr] = data.subarray(row * shape[1]!, (row + 1) * shape[1]!);
    return { sim: sim!, va: va!, cfr: cfr!, cfm: cfm!, sfr: sfr! };
  };
  return { weights, losses: { first: terms(0), last: terms(1) } };
}

interface LeftOut {
  /** For each fold what the network without it reads in its originals. */
  readonly pictures: readonly (readonly LeftOutReading[])[];
  readonly clips: readonly (readonly LeftOutReading[])[];
}

async function readFolds(
  image: Side,
  music: Side,
  networks: readonly Trained[],
  { engine, settings }: CdcmlTrainingOptions,
): Promise<LeftOut> {
  const pictures: LeftOutReading[][] = [];
  const clips: LeftOutReading[][] = [];
  for (const [fold, { weights }] of networks.entries()) {
    pictures.push(await readLeftOut(engine, settings, weights, 'image', image, fold));
    clips.push(await readLeftOut(engine, settings, weights, 'music', music, fold));
  }
  return { pictures, clips };
}

function figuresOf(
  image: Side,
  music: Side,
  networks: readonly Trained[],
  { pictures, clips }: LeftOut,
  settings: CdcmlSettings,
  sigma: number,
): Readonly<Record<string, number>> {
  const rated = ({ examples }: Side, readings: readonly LeftOutReading[]) =>
    readings.flatMap((reading) => {
      const { set, rating } = examples[reading.example]!;
      return set === examples[0]!.set && rating !== undefined ? [{ ...reading, truth: rating }] : [];
    });
  const pairs = networks.map(({ weights }, fold): FoldPairs => {
    const shown = rated(image, pictures[fold]!);
    return {
      pictures: shown,
      clips: rated(music, clips[fold]!),
      scores: pairScores(settings, Object.fromEntries(weights), shown),
    };
  });
  const known = {
    ...sideFigures('image', image, pictures.flat()),
    ...sideFigures('music', music, clips.flat()),
    ...similarityFigure(pairs, sigma),
    ...galleriesFigure(judged(image, pictures.flat()), judged(music, clips.flat())),
  };
  return rounded(known);
}

/** To four places; figures that can't be told are left out. */
function rounded(figures: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(figures).flatMap(([name, value]) =>
      Number.isFinite(value) ? [[name, Number(value.toFixed(4))]] : [],
    ),
  );
}

/** The ratings of the originals of the first set. */
function ratingsOf({ examples }: Side): PlanePoints {
  return planePoints(
    examples.flatMap(({ set, rating, isOriginal }) =>
      isOriginal && rating !== undefined && set === examples[0]!.set ? [rating] : [],
    ),
  );
}

async function write(
  parts: CdcmlModelParts,
  found: {
    readonly truths: { readonly image: PlanePoints; readonly music: PlanePoints };
    readonly sigma: number;
    readonly figures: Readonly<Record<string, number>>;
    readonly teacherFigures: Readonly<Record<string, number>>;
    readonly losses: Trained['losses'];
  },
  { pictures, clips }: { readonly pictures: readonly Example[]; readonly clips: readonly Example[] },
  options: CdcmlTrainingOptions,
): Promise<ModelDescription> {
  const { truths, sigma, figures, teacherFigures, losses } = found;
  const weights = encodeParts(parts);
  const rms = ({ valence, arousal }: CdcmlModelParts['errors']['image']): Mood => ({
    valence: Math.sqrt(valence.mean),
    arousal: Math.sqrt(arousal.mean),
  });
  const description: Omit<ModelDescription, 'format' | 'formatVersion'> = {
    date: options.date,
    architecture: architectureOf(parts),
    features: {
      normalisation: 'features of frozen encoders, standardised (part of the weights)',
      mean: [],
      deviation: [],
    },
    sigma,
    constant: {
      similarity: meanSimilarity(truths.image, truths.music, sigma),
      image: meanPoint(truths.image),
      music: meanPoint(truths.music),
    },
    uncertainty: { image: rms(parts.errors.image), music: rms(parts.errors.music) },
    spread: { music: deviationOf(truths.music) },
    data: [
      ...options.images.map((set) => dataOf(set, 'image', pictures, options)),
      ...options.music.map((set) => dataOf(set, 'music', clips, options)),
    ],
    metrics: {
      leftOut: { ...figures },
      teacher: { ...teacherFigures },
      losses: JSON.parse(JSON.stringify(losses)) as ModelDescription['metrics'][string],
    },
    folds: {
      pictures: `${FOLDS} folds of themes (rated pictures) and of files (others), seed ${FOLD_SEED}; each read by a teacher and a network trained without its fold`,
      music: `${FOLDS} folds of songs, seed ${FOLD_SEED}; each read by a teacher and a network trained without its fold`,
      nested: 'settings are not chosen in this training; see the model card for how the defaults were',
    },
    weights: [{ file: WEIGHTS_FILE, sha256: sha256(Buffer.concat(weights)) }],
  };
  const { folder } = options;
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw writeFailure(folder, error);
  }
  // model.json last: with the checksum of weights that are there.
  await writeWhole(join(folder, WEIGHTS_FILE), weights);
  await writeModelDescription(join(folder, 'model.json'), description);
  return { format: 'synesthete-model', formatVersion: 1, ...description };
}

function deviationOf({ valence, arousal }: PlanePoints): Mood {
  const deviation = (values: ArrayLike<number>): number => {
    const all = Array.from(values);
    const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
    return Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length);
  };
  return { valence: deviation(valence), arousal: deviation(arousal) };
}

function dataOf(
  set: LabelledSet,
  kind: 'image' | 'music',
  examples: readonly Example[],
  { splits }: CdcmlTrainingOptions,
): ModelDescription['data'][number] {
  const used = examples.filter((example) => example.set === set);
  return {
    name: set.name,
    terms: set.terms,
    kind,
    files: new Set(used.map(({ entry }) => entry.file)).size,
    labels: used.some(({ rating }) => rating !== undefined) ? 'ratings' : 'categories',
    splits: [...splits],
  };
}
