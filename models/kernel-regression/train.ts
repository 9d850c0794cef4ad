import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '../checksum.ts';
import type { Engine } from '../engine/engine.ts';
import { SynestheteError } from '../errors.ts';
import {
  meanDistance,
  meanPoint,
  meanSimilarity,
  planePoints,
  separation,
  sidesOf,
  type ManifestLine,
  type PlanePoints,
} from '../learning/index.ts';
import type { Mood } from '../serving/index.ts';
import { writeModelDescription, type ModelDescription } from '../weights/index.ts';
import { writeFailure, writeWhole } from '../write-whole.ts';
import { CLIP_BLOCKS } from '../encoders/index.ts';
import {
  clipExamples,
  pictureExamples,
  type LabelledSet,
  type SourcedExample,
  type StatisticsSource,
} from './examples.ts';
import { fitSimilarity } from './expected-similarity.ts';
import { figureOf, groupFolds, pairFigures, r2Of, type Figure, type LeftOut } from './left-out.ts';
import { architectureOf, encodeParts, WEIGHTS_FILE, type KernelModelParts } from './model-file.ts';
import { pictureBlocks } from './picture-statistics.ts';
import type { KernelSettings } from './settings.ts';
import { trainSide, type TrainedSide } from './side.ts';

/** What a training has come to: `stage` is what a person reads. */
interface KernelProgress {
  readonly stage: 'pictures' | 'sound files' | 'regressions and figures';
  readonly done: number;
  readonly total: number;
}

export interface KernelTrainingOptions {
  /** Pictures and music: rated sets (at least one of each) and sets of categories. */
  readonly images: readonly LabelledSet[];
  readonly music: readonly LabelledSet[];
  /** Rows of other splits are not looked at. Rows without a split are used. */
  readonly splits: readonly NonNullable<ManifestLine['split']>[];
  readonly settings: KernelSettings;
  readonly source: StatisticsSource;
  /** Computes the large products. */
  readonly engine: Engine;
  /** Where to write model.json and the weights; made if it isn't there. */
  readonly folder: string;
  /** For model.json: when it was made, ISO 8601. Nothing else depends on it. */
  readonly date: string;
  /** How many times the figures are made, each with folds of its own. */
  readonly seeds: number;
  readonly skipBad?: boolean;
  readonly skipped?: (error: SynestheteError) => void;
  readonly progress?: (progress: KernelProgress) => void;
  /** Asked after each file: whether to end here, with nothing written. */
  readonly isStopped?: (() => boolean) | undefined;
}

const PICTURE_FOLDS = 5;
const MUSIC_FOLDS = 6;

/**
 * Trains a kernel regression and writes it. The same data and settings give the same weights, bit for bit.
 *
 * @returns what was written into model.json; undefined when it was stopped on demand.
 * @throws SynestheteError BAD_TABLE (no ratings, a category without a centre), those of the source, WRITE_FAILED.
 */
export async function trainKernelModel(
  options: KernelTrainingOptions,
): Promise<ModelDescription | undefined> {
  const { settings, folder, engine } = options;
  const isUsed = ({ split }: ManifestLine) => split === undefined || options.splits.includes(split);
  const pictures = await examplesOf('pictures', options.images, pictureExamples, isUsed, options);
  const clips = await examplesOf('sound files', options.music, clipExamples, isUsed, options);
  if (options.isStopped?.() === true) return undefined;

  const stage = (done: number) =>
    options.progress?.({ stage: 'regressions and figures', done, total: 2 + options.seeds });
  stage(0);
  const { picture, music } = settings;
  const pictureSide = await trainSide(engine, pictures, {
    ...picture,
    blocks: pictureBlocks(picture.layers).map((width) => ({ width, weight: 1 })),
  });
  stage(1);
  const musicSide = await trainSide(engine, clips, {
    ...music,
    blocks: CLIP_BLOCKS.map(({ name, width }) => ({ width, weight: music.blockWeights[name] })),
  });
  stage(2);

  const sides = {
    pictures: { ...pictureSide, examples: pictures },
    clips: { ...musicSide, examples: clips },
  };
  const truths = { pictures: ratingsOf(pictures), clips: ratingsOf(clips) };
  const sigma = meanDistance(truths.pictures, truths.clips);
  const rounds = Array.from({ length: options.seeds }, (_, seed) => {
    const round = roundOf(sides, seed + 1, { sigma, settings });
    stage(3 + seed);
    return round;
  });
  const parts: KernelModelParts = {
    settings,
    picture: pictureSide.side,
    music: musicSide.side,
    similarity: fitSimilarity(rounds[0]!.pictures, rounds[0]!.clips, {
      sigma,
      varianceFactor: settings.similarity.varianceFactor,
    }),
  };

  const weights = encodeParts(parts);
  const description: Omit<ModelDescription, 'format' | 'formatVersion'> = {
    date: options.date,
    architecture: architectureOf(parts),
    features: {
      normalisation: 'statistics over time, standardised (part of the weights)',
      mean: [],
      deviation: [],
    },
    sigma,
    constant: {
      similarity: meanSimilarity(truths.pictures, truths.clips, sigma),
      image: meanPoint(truths.pictures),
      music: meanPoint(truths.clips),
    },
    data: [
      ...options.images.map((set) => dataOf(set, 'image', pictures, options.splits)),
      ...options.music.map((set) => dataOf(set, 'music', clips, options.splits)),
    ],
    metrics: metricsOf(rounds, sides, options),
    weights: [{ file: WEIGHTS_FILE, sha256: sha256(Buffer.concat(weights)) }],
  };
  await makeFolder(folder);
  // model.json last: with the checksum of weights that are there.
  await writeWhole(join(folder, WEIGHTS_FILE), weights);
  await writeModelDescription(join(folder, 'model.json'), description);
  return { format: 'synesthete-model', formatVersion: 1, ...description };
}

type ReadExamples = typeof pictureExamples;

async function examplesOf(
  stage: KernelProgress['stage'],
  sets: readonly LabelledSet[],
  read: ReadExamples,
  isUsed: (entry: ManifestLine) => boolean,
  { source, settings, skipBad = false, skipped, progress, isStopped }: KernelTrainingOptions,
): Promise<SourcedExample[]> {
  const total = sets.reduce((sum, { manifest }) => sum + manifest.entries.filter(isUsed).length, 0);
  let done = 0;
  progress?.({ stage, done, total });
  const examples = await read(sets, isUsed, {
    source,
    settings,
    skipBad,
    skipped: (error) => skipped?.(error),
    isStopped: () => isStopped?.() === true,
    done: () => progress?.({ stage, done: ++done, total }),
  });
  if (isStopped?.() === true) return [];
  if (!examples.some(({ label }) => typeof label !== 'string')) {
    throw new SynestheteError(
      'BAD_TABLE',
      `${sets.map(({ manifest }) => manifest.path).join(', ') || `no ${stage}`}: there is no rated row to learn from; name a manifest with valence and arousal that has rows of the splits asked for`,
    );
  }
  return examples;
}

/** The ratings of the originals. */
function ratingsOf(examples: readonly SourcedExample[]): PlanePoints {
  return planePoints(
    examples.flatMap(({ label, isOriginal }) => (isOriginal && typeof label !== 'string' ? [label] : [])),
  );
}

interface ExamplesOfSide {
  readonly examples: readonly SourcedExample[];
  readonly leaveOut: TrainedSide['leaveOut'];
}

interface Sides {
  readonly pictures: ExamplesOfSide;
  readonly clips: ExamplesOfSide;
}

/** What one choice of folds gave. */
interface Round {
  readonly pictures: readonly LeftOut[];
  readonly clips: readonly LeftOut[];
  readonly figures: Readonly<Record<string, number>>;
}

function roundOf(
  { pictures, clips }: Sides,
  seed: number,
  { sigma, settings }: { readonly sigma: number; readonly settings: KernelSettings },
): Round {
  const readings = ({ examples, leaveOut }: ExamplesOfSide, folds: number) =>
    leaveOut(
      groupFolds(
        examples.map(({ group, set }) => ({ group, kind: set.name })),
        folds,
        seed,
      ),
    ).map(limited);
  const ofPictures = readings(pictures, PICTURE_FOLDS);
  const ofClips = readings(clips, MUSIC_FOLDS);
  const rated = {
    pictures: ratedOriginals(pictures.examples, ofPictures),
    clips: ratedOriginals(clips.examples, ofClips),
  };
  const ranking = {
    pictureMean: meanTruth(rated.pictures),
    clipMean: meanTruth(rated.clips),
    kappa: settings.ranking.kappa,
  };
  const { varianceFactor } = settings.similarity;
  const pairs = pairFigures(rated.pictures, rated.clips, ranking, { sigma, varianceFactor, seed });
  const image = r2Of(rated.pictures);
  const music = r2Of(rated.clips);
  return {
    ...rated,
    figures: {
      imageValenceR2: image.valence,
      imageArousalR2: image.arousal,
      musicValenceR2: music.valence,
      musicArousalR2: music.arousal,
      ...separations('image', pictures.examples, ofPictures),
      ...separations('music', clips.examples, ofClips),
      similarityMseOfConstants: pairs.similarity,
      gapClosed: pairs.gapClosed,
    },
  };
}

function separations(
  kind: 'image' | 'music',
  examples: readonly SourcedExample[],
  readings: readonly Mood[],
): Record<string, number> {
  const items = examples.flatMap(({ label, isOriginal, set, entry }, i) =>
    typeof label === 'string' && isOriginal
      ? [{ mood: readings[i]!, sides: sidesOf(set.manifest.path, entry) }]
      : [],
  );
  if (items.length === 0) return {};
  const { valenceAuc, arousalAuc } = separation(items);
  return { [`${kind}CategoriesValenceAuc`]: valenceAuc, [`${kind}CategoriesArousalAuc`]: arousalAuc };
}

function metricsOf(
  rounds: readonly Round[],
  { pictures, clips }: Sides,
  { splits, seeds }: KernelTrainingOptions,
): ModelDescription['metrics'] {
  const names = Object.keys(rounds[0]!.figures);
  const figures = Object.fromEntries(
    names.flatMap((name): [string, Figure][] => {
      const values = rounds.map((round) => round.figures[name]!);
      return values.every(Number.isFinite) ? [[name, figureOf(values)]] : [];
    }),
  );
  return {
    leftOut: {
      what: 'read by regressions that were trained without the theme or song; mean and standard deviation over seeds',
      folds: { image: PICTURE_FOLDS, music: MUSIC_FOLDS },
      seeds,
      ...(figures as Record<string, { mean: number; deviation: number }>),
    },
    ...(splits.includes('val') && splits.includes('train')
      ? { validation: { ...validationOf('image', pictures), ...validationOf('music', clips) } }
      : {}),
  };
}

/** R² on the rows of the split val, of regressions that were trained without them. */
function validationOf(
  kind: 'image' | 'music',
  { examples, leaveOut }: ExamplesOfSide,
): Record<string, number> {
  const folds = Int32Array.from(examples, ({ entry }) => (entry.split === 'val' ? 0 : -1));
  if (!folds.includes(0)) return {};
  const readings = leaveOut(folds).map(limited);
  const rated = ratedOriginals(examples, readings).filter(({ split }) => split === 'val');
  if (rated.length === 0) return {};
  const { valence, arousal } = r2Of(rated);
  const figures = { [`${kind}ValenceR2`]: valence, [`${kind}ArousalR2`]: arousal };
  // There is none where the truth does not vary.
  const known = Object.entries(figures).filter(([, value]) => Number.isFinite(value));
  return {
    [kind === 'image' ? 'images' : 'clips']: rated.length,
    ...Object.fromEntries(known.map(([name, value]) => [name, Number(value.toFixed(4))])),
  };
}

interface Rated extends LeftOut {
  readonly split: ManifestLine['split'];
}

function ratedOriginals(examples: readonly SourcedExample[], readings: readonly Mood[]): Rated[] {
  return examples.flatMap(({ label, isOriginal, group, entry }, i) =>
    isOriginal && typeof label !== 'string'
      ? [{ read: readings[i]!, truth: label, group, split: entry.split }]
      : [],
  );
}

function meanTruth(items: readonly LeftOut[]): Mood {
  return meanPoint(planePoints(items.map(({ truth }) => truth)));
}

/** As it is read: within the plane. */
function limited({ valence, arousal }: Mood): Mood {
  return { valence: Math.min(1, Math.max(0, valence)), arousal: Math.min(1, Math.max(0, arousal)) };
}

function dataOf(
  set: LabelledSet,
  kind: 'image' | 'music',
  examples: readonly SourcedExample[],
  splits: KernelTrainingOptions['splits'],
): ModelDescription['data'][number] {
  const used = examples.filter((example) => example.set === set);
  const isRated = set.manifest.entries.some(({ rating }) => rating !== undefined);
  return {
    name: set.name,
    terms: set.terms,
    kind,
    files: new Set(used.map(({ entry }) => entry.file)).size,
    labels: isRated ? 'ratings' : 'categories',
    splits: [...splits],
  };
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    throw writeFailure(folder, error);
  }
}
