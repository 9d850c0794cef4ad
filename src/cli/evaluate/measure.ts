import { DiskCache } from '../../../models/cache.ts';
import { SynestheteError } from '../../../models/errors.ts';
import type { Model, PicturePrediction } from '../../../models/model/index.ts';
import {
  clipId,
  evaluateModel,
  GALLERY_PICTURES,
  indexPairs,
  listedPairFigures,
  pictureId,
  readPairs,
  separation,
  sidesOf,
  type Evaluation,
  type ListedPairFigures,
  type ManifestLine,
  type Separation,
  type SimilarityPair,
  type TargetOf,
} from '../../../models/training/index.ts';
import type { FeatureProcesses } from '../../../streams/file-inference/index.ts';
import { warn } from '../terminal/failure.ts';
import { Progress } from '../terminal/progress.ts';
import { reportSkipped } from '../terminal/skipped.ts';
import {
  predictRows,
  requestsOf,
  type FilesToEvaluate,
  type LabelledFiles,
  type RowPrediction,
  type Split,
} from './labelled-files.ts';
import type { NightFigures, ShowRequest } from './show.ts';

/** How well a model tells the categories of one manifest apart. */
interface CategoryFigures extends Separation {
  /** Pictures, or clips. */
  readonly n: number;
}

export interface EvaluationReport extends Evaluation {
  /** For the pairs of a file, where one was given. */
  readonly pairs?: ListedPairFigures;
  /** For manifests with categories, where they were given. */
  readonly categories?: { readonly image?: CategoryFigures; readonly music?: CategoryFigures };
  /** For a night of the split's music, where the options ask for it. */
  readonly show?: NightFigures;
  /** Files that were left out with `--skip-bad`. */
  readonly skipped: number;
}

/** The figures, and the predictions behind those of similarity and ranking: of files with both ratings. */
export interface Measured {
  readonly report: EvaluationReport;
  readonly images: readonly RowPrediction[];
  readonly clips: readonly RowPrediction[];
  /** For each clip the index of the picture that ranks first; empty without pictures. */
  readonly firsts: readonly number[];
}

/** Pairs of a file, with the names that errors give to the file and to what is evaluated. */
interface ListedPairs {
  readonly path: string;
  readonly list: readonly SimilarityPair[];
  readonly of: string;
}

/** @throws SynestheteError those of `readPairs` */
export async function listedPairs(path: string, split: Split): Promise<ListedPairs> {
  const of = split === 'all' ? 'the whole of the manifests' : `the split ${split} of the manifests`;
  return { path, list: await readPairs(path), of };
}

/**
 * Runs the model on the files and computes its figures.
 *
 * @param options with the threads that compute features, where others share them
 * @throws SynestheteError that of the first file that can't be read, unless `skipBad` and others can.
 */
export async function measure(
  files: FilesToEvaluate,
  model: Model,
  options: {
    readonly skipBad?: true;
    /** Whether to keep predictions on disk and reuse them. */
    readonly cache: boolean;
    readonly featureThreads?: FeatureProcesses;
    readonly pairs?: ListedPairs | undefined;
    /** Also plays a night, where both pictures and music were given. */
    readonly show?: Pick<ShowRequest, 'recipe' | 'songs' | 'songSeconds' | 'settings'> | undefined;
  },
): Promise<Measured> {
  const { FeatureProcesses: Threads, PredictionStore } =
    await import('../../../streams/file-inference/index.ts');
  const store = options.cache ? new PredictionStore(new DiskCache({ notice: warn }), model) : undefined;
  const parts = (['images', 'music', 'imageCategories', 'musicCategories'] as const).flatMap((name) => {
    const part = files[name];
    return part === undefined ? [] : [{ name, requests: requestsOf(part) }];
  });
  const total = parts.reduce((sum, { requests }) => sum + requests.length, 0);
  const progress = new Progress('files', { total });
  const threads = options.featureThreads ?? new Threads();
  const errors: SynestheteError[] = [];
  // Printed at the end, so that they don't tear the bar.
  const damages: string[] = [];
  const read: Partial<Record<(typeof parts)[number]['name'], RowPrediction[]>> = {};
  try {
    for (const { name, requests } of parts) {
      read[name] = await predictRows(requests, model, {
        store,
        threads,
        failed: (error) => {
          if (options.skipBad !== true) throw error;
          errors.push(error);
        },
        damaged: (line) => void damages.push(line),
        step: () => {
          progress.step();
        },
      });
    }
  } finally {
    if (options.featureThreads === undefined) await threads.close();
    progress.stop();
    for (const damage of damages) warn(damage);
  }
  reportSkipped(errors, total);
  const { images = [], music: clips = [] } = read;
  const firsts: number[] = [];
  const evaluation = await evaluateModel(
    model,
    labelled(images),
    labelled(clips),
    await defaultTarget(),
    (clip, picture) => void (firsts[clip] = picture),
  );
  const pairs = options.pairs && (await figuresOfPairs(options.pairs, model, images, clips));
  if (evaluation.n.pairs > 0 && evaluation.galleries === null) {
    warn(
      `the split has ${evaluation.n.withBoth.images} pictures with both ratings: galleries of ${GALLERY_PICTURES} are drawn from that many or more, and are left out`,
    );
  }
  const image = separated(files.imageCategories, read.imageCategories);
  const music = separated(files.musicCategories, read.musicCategories);
  const categories = { ...(image && { image }), ...(music && { music }) };
  const report = {
    ...evaluation,
    ...(pairs && { pairs }),
    ...(Object.keys(categories).length === 0 ? {} : { categories }),
    ...(options.show && { show: await nightOf(files, read, model, options.show) }),
    skipped: errors.length,
  };
  const withBoth = (predictions: readonly RowPrediction[]) => predictions.filter(({ row }) => hasBoth(row));
  return { report, images: withBoth(images), clips: withBoth(clips), firsts };
}

/** @throws SynestheteError BAD_TABLE where most pairs are of other pictures or clips */
async function figuresOfPairs(
  { path, list, of }: ListedPairs,
  model: Model,
  images: readonly RowPrediction[],
  clips: readonly RowPrediction[],
): Promise<ListedPairFigures> {
  const ids = {
    pictures: images.map(({ row }) => pictureId(row)),
    clips: clips.map(({ row, clip }) => clipId(row, clip!.index)),
  };
  const predictions = (items: readonly RowPrediction[]) => items.map(({ prediction }) => prediction);
  return listedPairFigures(
    model,
    predictions(images),
    predictions(clips),
    indexPairs(path, list, { ...ids, of }, warn),
  );
}

/** Where the program looks for pictures at its default fit, without a push by the operator. */
async function defaultTarget(): Promise<TargetOf> {
  const [{ targetOf }, { DEFAULT_PROGRAM_SETTINGS }] = await Promise.all([
    import('../../../streams/matching/index.ts'),
    import('../../../streams/program/index.ts'),
  ]);
  const { fit } = DEFAULT_PROGRAM_SETTINGS;
  return (prediction, night, gallery) =>
    targetOf(prediction, night, { gallery, fit, offset: { valence: 0, arousal: 0 } });
}

function labelled(predictions: readonly RowPrediction[]) {
  return predictions.map(({ row, prediction }) => ({
    name: row.file,
    prediction,
    label: row.rating ?? row.partialRating!,
  }));
}

function hasBoth({ rating }: ManifestLine): boolean {
  return rating !== undefined;
}

/**
 * Plays what could be read and has both ratings.
 * @throws SynestheteError USAGE where no file has both
 */
async function nightOf(
  files: FilesToEvaluate,
  { images = [], music = [] }: { readonly images?: RowPrediction[]; readonly music?: RowPrediction[] },
  { ranking }: Model,
  show: Pick<ShowRequest, 'recipe' | 'songs' | 'songSeconds' | 'settings'>,
): Promise<NightFigures> {
  const { showGap } = await import('./show.ts');
  const heard = new Set(music.map(({ row }) => row.file));
  const rows = files.music!.rows.filter(hasBoth);
  const songs = requestsOf({ ...files.music!, rows }).filter(({ file }) => heard.has(file));
  const pictures = images.flatMap(({ row, prediction }) =>
    hasBoth(row) ? [{ row, prediction: prediction as PicturePrediction }] : [],
  );
  if (songs.length === 0 || pictures.length === 0) {
    const manifest = songs.length === 0 ? files.music!.manifest : files.images!.manifest;
    throw new SynestheteError(
      'USAGE',
      `--show compares places in the plane: ${manifest} has no row of the split that could be read and has both valence and arousal`,
    );
  }
  const count = Math.min(songs.length, show.songs ?? Infinity);
  const progress = new Progress('songs', { total: count });
  try {
    return await showGap({ ...show, pictures, music: songs, ranking }, () => {
      progress.step();
    });
  } finally {
    progress.stop();
  }
}

function separated(
  files: LabelledFiles | undefined,
  predictions: readonly RowPrediction[] = [],
): CategoryFigures | undefined {
  if (files === undefined) return undefined;
  return {
    n: predictions.length,
    ...separation(
      predictions.map(({ row, prediction }) => ({ mood: prediction, sides: sidesOf(files.manifest, row) })),
    ),
  };
}
