import { meanPoint, planePoints } from '../../plane.ts';
import type { PlanePoint, PlanePoints } from '../../plane.ts';
import type { IndexedPair } from '../imemnet/index.ts';
import { regressionMetrics } from '../metrics.ts';
import type { RegressionMetrics, SimilarityMetrics } from '../metrics.ts';
import type { SplitData, TrainingData } from './data.ts';
import { drawPairs } from './pairs.ts';

/** Valence and arousal of pictures or of clips. */
export interface MoodMetrics {
  readonly valence: RegressionMetrics;
  readonly arousal: RegressionMetrics;
}

/** Pairs of a split for judging a model as the paper does: few of all, including near and far ones. */
export interface JudgedPairs {
  readonly list: readonly IndexedPair[];
  /** Whether a file lists them; otherwise they are drawn. */
  readonly isListed: boolean;
  /** Means over the pairs of train, drawn or listed in the same way: the constant predictor for these pairs. */
  readonly constant: {
    readonly similarity: number;
    readonly image: PlanePoint;
    readonly music: PlanePoint;
  };
}

/**
 * Figures of a model on such pairs, beside constants of the pairs of train, drawn or listed in the same way; null for
 * what it does not predict.
 */
export interface JudgedPairFigures {
  readonly n: number;
  readonly isListed: boolean;
  readonly similarity: SimilarityMetrics | null;
  /** Over the pictures (the clips) of the pairs, each as often as it occurs. */
  readonly image: MoodMetrics | null;
  readonly music: MoodMetrics | null;
}

/** Drawn pairs do not depend on a training's seed, so that all seeds are judged by the same pairs. */
const JUDGED_SEED = 1;

/**
 * The pairs of a split: listed in a file, else five a clip (see `IMEMNET_PAIRS`).
 * @param listed of the split
 */
export function judgedPairs(
  split: 'val' | 'test',
  data: Pick<TrainingData, 'train' | 'pairs' | 'sigma'>,
  judged: SplitData,
  listed: readonly IndexedPair[] | undefined,
): JudgedPairs {
  const { train, pairs, sigma } = data;
  const ofTrain = pairs ?? drawPairs(train, sigma, JUDGED_SEED, 'pairs of train');
  const sum = ofTrain.reduce((total, { similarity }) => total + similarity, 0);
  return {
    list: listed ?? drawPairs(judged, sigma, JUDGED_SEED, `pairs of ${split}`),
    isListed: listed !== undefined,
    constant: {
      similarity: sum / ofTrain.length,
      image: meanPoint(pointsOf(ofTrain, train.pictureMoods, 'picture')),
      music: meanPoint(pointsOf(ofTrain, train.clipMoods, 'clip')),
    },
  };
}

/** The moods of one item of each pair. */
function pointsOf(
  pairs: readonly IndexedPair[],
  { valence, arousal }: PlanePoints,
  side: 'picture' | 'clip',
): PlanePoints {
  return planePoints(
    pairs.map(({ [side]: index }) => ({ valence: valence[index]!, arousal: arousal[index]! })),
  );
}

/** Sums the errors of similarities, clip by clip. */
export class PairErrors {
  readonly #pairs: JudgedPairs;
  readonly #ofClip = new Map<number, IndexedPair[]>();
  readonly #sums = { mse: 0, mae: 0, constantMse: 0, constantMae: 0 };

  constructor(pairs: JudgedPairs) {
    this.#pairs = pairs;
    for (const pair of pairs.list) {
      const ofClip = this.#ofClip.get(pair.clip);
      if (ofClip) ofClip.push(pair);
      else this.#ofClip.set(pair.clip, [pair]);
    }
  }

  /** @param row predicted similarities of the clip with each picture of the split */
  add(clip: number, row: ArrayLike<number>): void {
    for (const { picture, similarity } of this.#ofClip.get(clip) ?? []) {
      const error = row[picture]! - similarity;
      const constantError = this.#pairs.constant.similarity - similarity;
      this.#sums.mse += error ** 2;
      this.#sums.mae += Math.abs(error);
      this.#sums.constantMse += constantError ** 2;
      this.#sums.constantMae += Math.abs(constantError);
    }
  }

  get similarity(): SimilarityMetrics {
    const { length } = this.#pairs.list;
    const { mse, mae, constantMse, constantMae } = this.#sums;
    return {
      mse: mse / length,
      mae: mae / length,
      constantMse: constantMse / length,
      constantMae: constantMae / length,
    };
  }
}

/** Valence and arousal of the pictures and clips of the pairs. */
export function pairMoods(
  { list, constant }: JudgedPairs,
  truth: Pick<SplitData, 'pictureMoods' | 'clipMoods'>,
  predicted: { readonly pictures: PlanePoints; readonly clips: PlanePoints },
): Pick<JudgedPairFigures, 'image' | 'music'> {
  const ofSide = (side: 'picture' | 'clip', said: PlanePoints, true_: PlanePoints, mean: PlanePoint) =>
    moodMetrics(pointsOf(list, said, side), pointsOf(list, true_, side), mean);
  return {
    image: ofSide('picture', predicted.pictures, truth.pictureMoods, constant.image),
    music: ofSide('clip', predicted.clips, truth.clipMoods, constant.music),
  };
}

/** @param constant the mean of the training data */
export function moodMetrics(predicted: PlanePoints, truth: PlanePoints, constant: PlanePoint): MoodMetrics {
  return {
    valence: regressionMetrics(predicted.valence, truth.valence, constant.valence),
    arousal: regressionMetrics(predicted.arousal, truth.arousal, constant.arousal),
  };
}
