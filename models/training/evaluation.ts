import { SynestheteError } from '../errors.ts';
import type { Model, Prediction } from '../model/index.ts';
import { planePoints, type PlanePoint, type PlanePoints } from '../plane.ts';
import type { IndexedPair } from './imemnet/index.ts';
import type { LabelledPrediction, PartlyLabelledPrediction } from './labelled.ts';
import {
  rankCorrelation,
  regressionMetrics,
  similarityMetrics,
  type RegressionMetrics,
  type RetrievalMetrics,
  type SimilarityMetrics,
} from './metrics.ts';
import {
  rankingFigures,
  type FirstCounts,
  type GalleryRankings,
  type OnFirst,
  type TargetOf,
} from './ranking-figures.ts';

/** Figures of valence or of arousal, of pictures or of clips. */
export interface RatingFigures extends RegressionMetrics {
  /** Number of pictures or clips with that rating. */
  readonly n: number;
  /** Spearman's correlation of predictions and labels, which does not depend on how raters use the scale. */
  readonly rankCorrelation: number;
}

/** Null without ratings of that axis. */
interface SideFigures {
  readonly valence: RatingFigures | null;
  readonly arousal: RatingFigures | null;
}

/** The figures of `evaluate`. Null where pictures or clips are missing. */
export interface Evaluation {
  readonly n: {
    readonly images: number;
    readonly clips: number;
    /** Of items with both ratings, as for similarity and ranking. */
    readonly pairs: number;
    readonly withBoth: { readonly images: number; readonly clips: number };
  };
  /** σ of the training data, also used for the true similarities. */
  readonly sigma: number;
  readonly similarity: SimilarityMetrics | null;
  readonly image: SideFigures | null;
  readonly music: SideFigures | null;
  readonly retrieval: RetrievalMetrics | null;
  /** Galleries under the same ranking as `retrieval`. */
  readonly firstCounts: FirstCounts | null;
  /** Null also with fewer than GALLERY_PICTURES pictures. */
  readonly galleries: GalleryRankings | null;
}

/** Clips whose similarities with all pictures are computed at once. */
const CLIPS_TOGETHER = 64;

/** Items with both ratings. */
function withBothRatings(items: readonly PartlyLabelledPrediction[]): LabelledPrediction[] {
  return items.flatMap(({ label: { valence, arousal }, ...item }) =>
    valence === undefined || arousal === undefined ? [] : [{ ...item, label: { valence, arousal } }],
  );
}

/**
 * The figures of a model on labelled pictures and clips: valence and arousal over the items with that rating;
 * similarity and ranking over all pairs of pictures and clips with both ratings. The constants come from the model's
 * training data, and pictures are ranked as in a show.
 *
 * @param onFirst called for each clip with the picture ranked first, by their places among those with both ratings
 * @throws SynestheteError ENGINE_FAILED, also for a similarity that is no finite number
 */
export async function evaluateModel(
  model: Pick<Model, 'description' | 'ranking' | 'similarities'>,
  images: readonly PartlyLabelledPrediction[],
  clips: readonly PartlyLabelledPrediction[],
  targetOf: TargetOf,
  onFirst?: OnFirst,
): Promise<Evaluation> {
  const { sigma, constant } = model.description;
  const both = { images: withBothRatings(images), clips: withBothRatings(clips) };
  const truth = { images: truthOf(both.images), clips: truthOf(both.clips) };
  const hasPairs = both.images.length > 0 && both.clips.length > 0;
  return {
    n: {
      images: images.length,
      clips: clips.length,
      pairs: both.images.length * both.clips.length,
      withBoth: { images: both.images.length, clips: both.clips.length },
    },
    sigma,
    similarity: hasPairs ? await similarityFigures(model, both.images, both.clips) : null,
    image: images.length === 0 ? null : sideFigures(images, constant.image),
    music: clips.length === 0 ? null : sideFigures(clips, constant.music),
    ...(hasPairs
      ? rankingFigures({ ranking: model.ranking, targetOf }, both.images, both.clips, truth, onFirst)
      : { retrieval: null, firstCounts: null, galleries: null }),
  };
}

function truthOf(items: readonly LabelledPrediction[]): PlanePoints {
  return planePoints(items.map(({ label }) => label));
}

function sideFigures(items: readonly PartlyLabelledPrediction[], constant: PlanePoint): SideFigures {
  const figures = (axis: 'valence' | 'arousal'): RatingFigures | null => {
    const rated = items.filter(({ label }) => label[axis] !== undefined);
    if (rated.length === 0) return null;
    const predicted = Float64Array.from(rated, ({ prediction }) => prediction[axis]);
    const truth = Float64Array.from(rated, ({ label }) => label[axis]!);
    return {
      n: rated.length,
      ...regressionMetrics(predicted, truth, constant[axis]),
      rankCorrelation: rankCorrelation(predicted, truth),
    };
  };
  return { valence: figures('valence'), arousal: figures('arousal') };
}

/**
 * Figures of similarity on the pairs of a file, with the file's similarities as the truth. Their constant is the
 * model's, over all pairs of its training data; `JudgedPairFigures` use that of the pairs of train.
 */
export interface ListedPairFigures extends SimilarityMetrics {
  /** Number of pairs. */
  readonly n: number;
}

/**
 * The figures of a model on some pairs of pictures and clips. The constant comes from the model's training data.
 *
 * @param images predictions for the pictures, @param clips and for the clips, to whose places `pairs` refers
 * @param pairs at least one
 * @throws SynestheteError ENGINE_FAILED, also for a similarity that is no finite number
 */
export async function listedPairFigures(
  model: Pick<Model, 'description' | 'similarities'>,
  images: readonly Prediction[],
  clips: readonly Prediction[],
  pairs: readonly IndexedPair[],
): Promise<ListedPairFigures> {
  const { similarity: constant } = model.description.constant;
  const sums = { mse: 0, mae: 0, constantMse: 0, constantMae: 0 };
  const ofClip = new Map<number, IndexedPair[]>();
  for (const pair of pairs) {
    const others = ofClip.get(pair.clip);
    if (others === undefined) ofClip.set(pair.clip, [pair]);
    else others.push(pair);
  }
  for (const [clip, its] of ofClip) {
    const predicted = await model.similarities(
      its.map(({ picture }) => images[picture]!),
      [clips[clip]!],
    );
    refuseUnusable(predicted);
    its.forEach(({ similarity }, i) => {
      const error = predicted[i]! - similarity;
      sums.mse += error ** 2 / pairs.length;
      sums.mae += Math.abs(error) / pairs.length;
      sums.constantMse += (constant - similarity) ** 2 / pairs.length;
      sums.constantMae += Math.abs(constant - similarity) / pairs.length;
    });
  }
  return { n: pairs.length, ...sums };
}

/** @throws SynestheteError ENGINE_FAILED */
function refuseUnusable(predicted: Float32Array): void {
  const unusable = predicted.find((similarity) => !Number.isFinite(similarity));
  if (unusable === undefined) return;
  throw new SynestheteError(
    'ENGINE_FAILED',
    `the model's similarity of a picture and a clip is ${unusable}, not a finite number`,
    { remedy: { kind: 'compare-with-cpu' } },
  );
}

/** A few clips at a time, so that memory grows only with the pictures. */
async function similarityFigures(
  model: Pick<Model, 'description' | 'similarities'>,
  images: readonly LabelledPrediction[],
  clips: readonly LabelledPrediction[],
): Promise<SimilarityMetrics> {
  const { sigma, constant } = model.description;
  const ofImages = images.map(({ prediction }) => prediction);
  const truth = truthOf(images);
  const sums = { mse: 0, mae: 0, constantMse: 0, constantMae: 0 };
  for (let first = 0; first < clips.length; first += CLIPS_TOGETHER) {
    const some = clips.slice(first, first + CLIPS_TOGETHER);
    const predicted = await model.similarities(
      ofImages,
      some.map(({ prediction }) => prediction),
    );
    refuseUnusable(predicted);
    const figures = similarityMetrics(truth, truthOf(some), sigma, constant.similarity, (clip, out) => {
      for (let image = 0; image < out.length; image++) out[image] = predicted[image * some.length + clip]!;
    });
    for (const name of ['mse', 'mae', 'constantMse', 'constantMae'] as const) {
      sums[name] += (figures[name] * some.length) / clips.length;
    }
  }
  return sums;
}
