import { SynestheteError } from '../errors.ts';
import type { Model, Reading } from '../serving/index.ts';
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
import type { IndexedPair } from './imemnet/index.ts';
import { planePoints, type PlanePoint, type PlanePoints } from './plane.ts';

/** What a model read in a picture or clip, and what people say of it. */
export interface LabelledReading {
  /** What a person calls it: its file. */
  readonly name: string;
  readonly reading: Reading;
  /** Valence and arousal, each in [0, 1]. */
  readonly label: PlanePoint;
}

/** Figures of valence or of arousal, of pictures or of clips. */
export interface RatingFigures extends RegressionMetrics {
  /** Spearman's, of predictions and labels: what is left when other raters use the scale in another way. */
  readonly rankCorrelation: number;
}

interface SideFigures {
  readonly valence: RatingFigures;
  readonly arousal: RatingFigures;
}

/** What `evaluate` tells of a model. What needs a side that was not given is null. */
export interface Evaluation {
  readonly n: { readonly images: number; readonly clips: number; readonly pairs: number };
  /** σ of the training data, by which the true similarities are computed as well. */
  readonly sigma: number;
  readonly similarity: SimilarityMetrics | null;
  readonly image: SideFigures | null;
  readonly music: SideFigures | null;
  readonly retrieval: RetrievalMetrics | null;
  /** Of the same ranking as `retrieval`. */
  readonly firstCounts: FirstCounts | null;
  /** Null also where there are fewer than GALLERY_PICTURES pictures. */
  readonly galleries: GalleryRankings | null;
}

/** Clips whose similarities with all pictures are asked for at once. */
const CLIPS_TOGETHER = 64;

/**
 * The figures of a model on labelled pictures and clips; pairs are all pictures × all clips. The constants are those of
 * the data that the model was trained on, and pictures are ranked as the product does.
 *
 * @param onFirst told of each clip which picture is ranked first
 * @throws SynestheteError ENGINE_FAILED, also for a similarity that is no finite number
 */
export async function evaluateModel(
  model: Pick<Model, 'description' | 'ranking' | 'similarities'>,
  images: readonly LabelledReading[],
  clips: readonly LabelledReading[],
  targetOf: TargetOf,
  onFirst?: OnFirst,
): Promise<Evaluation> {
  const { sigma, constant } = model.description;
  const truth = { images: truthOf(images), clips: truthOf(clips) };
  const hasPairs = images.length > 0 && clips.length > 0;
  return {
    n: { images: images.length, clips: clips.length, pairs: images.length * clips.length },
    sigma,
    similarity: hasPairs ? await similarityFigures(model, images, clips) : null,
    image: images.length === 0 ? null : sideFigures(images, truth.images, constant.image),
    music: clips.length === 0 ? null : sideFigures(clips, truth.clips, constant.music),
    ...(hasPairs
      ? rankingFigures({ ranking: model.ranking, targetOf }, images, clips, truth, onFirst)
      : { retrieval: null, firstCounts: null, galleries: null }),
  };
}

function truthOf(items: readonly LabelledReading[]): PlanePoints {
  return planePoints(items.map(({ label }) => label));
}

function sideFigures(
  items: readonly LabelledReading[],
  truth: PlanePoints,
  constant: PlanePoint,
): SideFigures {
  const predicted = planePoints(items.map(({ reading }) => reading));
  const figures = (rating: 'valence' | 'arousal'): RatingFigures => ({
    ...regressionMetrics(predicted[rating], truth[rating], constant[rating]),
    rankCorrelation: rankCorrelation(predicted[rating], truth[rating]),
  });
  return { valence: figures('valence'), arousal: figures('arousal') };
}

/** Figures of similarity on pairs that were listed, whose true similarities are those of the list. */
export interface PairFigures extends SimilarityMetrics {
  /** How many pairs they are of. */
  readonly n: number;
}

/**
 * The figures of a model on some pairs of pictures and clips. The constant is that of the data that the model was trained on.
 *
 * @param images what the model read in the pictures, @param clips and in the clips that `pairs` has the places of
 * @param pairs at least one
 * @throws SynestheteError ENGINE_FAILED, also for a similarity that is no finite number
 */
export async function pairFigures(
  model: Pick<Model, 'description' | 'similarities'>,
  images: readonly Reading[],
  clips: readonly Reading[],
  pairs: readonly IndexedPair[],
): Promise<PairFigures> {
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
    `the model's similarity of a picture and a clip is ${unusable}, which is no figure: try --engine cpu; if it is the same there, the weights are at fault`,
  );
}

/** Some clips at a time, so that memory grows with the pictures alone. */
async function similarityFigures(
  model: Pick<Model, 'description' | 'similarities'>,
  images: readonly LabelledReading[],
  clips: readonly LabelledReading[],
): Promise<SimilarityMetrics> {
  const { sigma, constant } = model.description;
  const ofImages = images.map(({ reading }) => reading);
  const truth = truthOf(images);
  const sums = { mse: 0, mae: 0, constantMse: 0, constantMae: 0 };
  for (let first = 0; first < clips.length; first += CLIPS_TOGETHER) {
    const some = clips.slice(first, first + CLIPS_TOGETHER);
    const predicted = await model.similarities(
      ofImages,
      some.map(({ reading }) => reading),
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
