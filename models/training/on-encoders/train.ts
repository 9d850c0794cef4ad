import { isAborted } from '../../aborted.ts';
import { type DiskCache } from '../../cache.ts';
import { openClipEncoders, type OnnxEncoderFile } from '../../encoders/index.ts';
import type { Engine } from '../../engine/index.ts';
import { SynestheteError } from '../../errors.ts';
import { pictureEncodersIdentity } from '../../families/on-encoders/index.ts';
import type { CdcmlModelParts, CdcmlSettings, Reference } from '../../families/on-encoders/index.ts';
import { meanDistance, planePoints, type PlanePoints } from '../../plane.ts';
import type { ModelDescription } from '../../weights/index.ts';
import { type ManifestLine } from '../index.ts';
import type { EncodedFiles } from './encoded-files.ts';
import { clipExamples, fileCount, pictureExamples, type Example, type LabelledSet } from './examples.ts';
import {
  galleriesFigure,
  judged,
  rounded,
  sideFigures,
  similarityFigure,
  type FoldPairs,
  type Figures,
} from './figures.ts';
import { fitAttention } from './fit-attention.ts';
import { fitErrors, withinFigures } from './fit-errors.ts';
import { pairScores, readExamples, readLeftOut, type OutOfFoldPrediction } from './out-of-fold.ts';
import { trainNetworks } from './networks.ts';
import { clipBlocks, pictureBlocks, spread, type Branch } from './branch.ts';
import type { Trained } from './student.ts';
import { FOLDS, taught, teacherLeftOut } from './taught.ts';
import { writeModel } from './write-model.ts';

/** Progress of a training; `stage` is for people. */
export interface CdcmlProgress {
  readonly stage: 'pictures' | 'sound files' | 'teachers' | 'networks (epochs)';
  readonly done: number;
  readonly total: number;
}

export interface CdcmlTrainingOptions {
  /** Pictures and music. The first set of each must have ratings: figures and errors are judged by them. */
  readonly images: readonly LabelledSet[];
  readonly music: readonly LabelledSet[];
  /** Rows of other splits are ignored. Rows without a split are used. */
  readonly splits: readonly NonNullable<ManifestLine['split']>[];
  readonly settings: CdcmlSettings;
  readonly files: EncodedFiles;
  readonly engine: Engine;
  /** Networks trained side by side on the cpu, each on one core; by default one. */
  readonly threads?: number | undefined;
  /** Keeps the teachers' answers and every finished network: an interrupted training resumes from there. */
  readonly cache: DiskCache;
  /** Folder for model.json and the weights; created if missing. */
  readonly folder: string;
  /** For model.json: the date, ISO 8601. Nothing else depends on it. */
  readonly date: string;
  /** The file of `settings.picture.onnx`, which is copied into the folder, and its licence or terms. */
  readonly onnx?: (OnnxEncoderFile & { readonly terms: string }) | undefined;
  readonly skipBad?: boolean;
  readonly skipped?: (error: SynestheteError) => void;
  readonly progress?: (progress: CdcmlProgress) => void;
  /** Stops after the current files or epoch, without writing anything. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains CDCML on frozen encoders and writes it. The same data and settings give the same weights, bit for bit.
 *
 * @returns the contents of model.json; undefined when it was stopped.
 * @throws SynestheteError BAD_TABLE (no ratings, a category without a centre), those of the files, DIVERGED, WRITE_FAILED.
 */
export async function trainCdcml(options: CdcmlTrainingOptions): Promise<ModelDescription | undefined> {
  const { settings, engine } = options;
  const pictures = await embedPictures(options);
  const clips = await embedClips(options);
  if (pictures === undefined || clips === undefined) return undefined;

  const report = (done: number) => options.progress?.({ stage: 'teachers', done, total: 2 });
  report(0);
  const shared = { cache: options.cache, seed: settings.seed };
  const image = await taught(engine, pictures, pictureBlocks(settings), settings.picture, shared);
  report(1);
  const music = await taught(engine, clips, clipBlocks(settings), settings.music, shared);
  report(2);

  const truths = { image: ratingsOf(image.side), music: ratingsOf(music.side) };
  const sigma = meanDistance(truths.image, truths.music);
  const networks = await trainNetworks(image, music, sigma, {
    ...options,
    progress: (done, total) => options.progress?.({ stage: 'networks (epochs)', done, total }),
  });
  if (networks === undefined) return undefined;
  const [whole, ...folds] = networks;
  const leftOut = await readFolds(image.side, music.side, folds, options);
  const known = {
    image: judged(image.side, leftOut.pictures.flat()),
    music: judged(music.side, leftOut.clips.flat()),
  };
  const errors = { image: fitErrors(known.image), music: fitErrors(known.music) };
  const sequence = fitAttention(music.side, leftOut.clips.flat(), settings.seed);
  const figures = {
    ...figuresOf(image.side, music.side, folds, leftOut, settings, sigma),
    ...rounded({
      ...withinFigures('image', errors.image, known.image),
      ...withinFigures('music', errors.music, known.music),
      ...sequence?.figures,
    }),
  };
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
      picture: await pictureEncodersIdentity(settings.picture),
      music: clipEncoders.identity,
    },
    reference: await referenceOf(engine, settings, whole!, image.side),
    errors,
  };
  return writeModel(
    parts,
    { truths, sigma, figures, teacherFigures, losses: whole!.losses, attention: sequence?.attention },
    { pictures, clips },
    options,
  );
}

/** The options for reading the examples. */
export type ReadingOptions = Pick<
  CdcmlTrainingOptions,
  'images' | 'music' | 'splits' | 'settings' | 'files' | 'skipBad' | 'skipped' | 'progress' | 'signal'
>;

/**
 * Features and labels of all pictures.
 * @returns undefined when it was stopped
 * @throws SynestheteError BAD_TABLE (no ratings, a category without a centre), those of the files
 */
export function embedPictures(options: ReadingOptions): Promise<Example[] | undefined> {
  return read('pictures', options.images, pictureExamples, options);
}

/** The same of all clips. */
export function embedClips(options: ReadingOptions): Promise<Example[] | undefined> {
  return read('sound files', options.music, clipExamples, options);
}

async function read(
  stage: 'pictures' | 'sound files',
  sets: readonly LabelledSet[],
  examples: typeof pictureExamples,
  { files, settings, splits, skipBad = false, skipped, progress, signal }: ReadingOptions,
): Promise<Example[] | undefined> {
  if (isAborted(signal)) return undefined;
  const isUsed = ({ split }: ManifestLine) => split === undefined || splits.includes(split);
  const total = fileCount(sets, isUsed);
  let done = 0;
  progress?.({ stage, done, total });
  const found = await examples(sets, isUsed, {
    files,
    settings,
    skipBad,
    skipped: (error) => skipped?.(error),
    signal,
    done: () => progress?.({ stage, done: ++done, total }),
  });
  if (isAborted(signal)) return undefined;
  const path = sets[0]?.manifest.path ?? `no ${stage}`;
  const rated = found.filter(({ rating, set }) => rating !== undefined && set === sets[0]);
  if (rated.length === 0) {
    throw new SynestheteError(
      'BAD_TABLE',
      `${path}: there is no rated row to learn from; name first a manifest with valence and arousal that has rows of the requested splits`,
    );
  }
  const groups = new Set(rated.map(({ group }) => group)).size;
  if (groups < FOLDS) {
    throw new SynestheteError(
      'BAD_TABLE',
      `${path}: its rated rows have ${groups} ${stage === 'pictures' ? 'themes or pictures' : 'songs'}; training needs at least ${FOLDS}, for ${FOLDS} folds`,
    );
  }
  return found;
}

/** Reference pictures that are kept in the model, to anchor a later taste. */
const REFERENCE_PICTURES = 256;

/** Embeddings and ratings of some of the originals behind the figures. */
async function referenceOf(
  engine: Engine,
  settings: CdcmlSettings,
  { weights }: Trained,
  side: Branch,
): Promise<Reference> {
  const { examples } = side;
  const rated = examples.flatMap(({ set, rating, isOriginal }, i) =>
    isOriginal && rating !== undefined && set === examples[0]!.set ? [i] : [],
  );
  const chosen = spread(rated, REFERENCE_PICTURES);
  const predictions = await readExamples(engine, settings, weights, 'image', side, chosen);
  const embeddings = new Float32Array(chosen.length * settings.embedding);
  predictions.forEach(({ embedding }, i) => {
    embeddings.set(embedding, i * settings.embedding);
  });
  const ratings = chosen.flatMap((i) => {
    const { valence, arousal } = examples[i]!.rating!;
    return [valence, arousal];
  });
  return { embeddings, ratings: Float32Array.from(ratings) };
}

interface OutOfFold {
  /** For each fold, the predictions for its originals by the network trained without it. */
  readonly pictures: readonly (readonly OutOfFoldPrediction[])[];
  readonly clips: readonly (readonly OutOfFoldPrediction[])[];
}

async function readFolds(
  image: Branch,
  music: Branch,
  networks: readonly Trained[],
  { engine, settings }: CdcmlTrainingOptions,
): Promise<OutOfFold> {
  const pictures: OutOfFoldPrediction[][] = [];
  const clips: OutOfFoldPrediction[][] = [];
  for (const [fold, { weights }] of networks.entries()) {
    pictures.push(await readLeftOut(engine, settings, weights, 'image', image, fold));
    clips.push(await readLeftOut(engine, settings, weights, 'music', music, fold));
  }
  return { pictures, clips };
}

function figuresOf(
  image: Branch,
  music: Branch,
  networks: readonly Trained[],
  { pictures, clips }: OutOfFold,
  settings: CdcmlSettings,
  sigma: number,
): Figures {
  const rated = ({ examples }: Branch, predictions: readonly OutOfFoldPrediction[]) =>
    predictions.flatMap((prediction) => {
      const { set, rating } = examples[prediction.example]!;
      return set === examples[0]!.set && rating !== undefined ? [{ ...prediction, truth: rating }] : [];
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

/** The ratings of the originals of the first set. */
function ratingsOf({ examples }: Branch): PlanePoints {
  return planePoints(
    examples.flatMap(({ set, rating, isOriginal }) =>
      isOriginal && rating !== undefined && set === examples[0]!.set ? [rating] : [],
    ),
  );
}
