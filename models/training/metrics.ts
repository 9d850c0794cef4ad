import { distancesFrom, similarity, type PlanePoints } from '../plane.ts';

/*
 * The figures that `evaluate` prints, as pure functions. n: pictures, m: clips; pairs are all n × m. Rows are computed
 * one clip at a time, so that memory grows with n alone.
 */

/** Fills `out` (one value a picture) for the clip of that index. */
export type RowOfClip = (clip: number, out: Float64Array) => void;

export interface RegressionMetrics {
  /** Σ (ŷ − y)² / n */
  readonly mse: number;
  /** Σ |ŷ − y| / n */
  readonly mae: number;
  /** Σ (c − y)² / n, c the training data's mean */
  readonly constantMse: number;
  /** Σ |c − y| / n */
  readonly constantMae: number;
  /** 1 − Σ (ŷ − y)² / Σ (y − ȳ)², ȳ the mean of the truth itself; NaN where the truth doesn't vary. */
  readonly r2: number;
}

/**
 * @param predicted ŷ, of the length of `truth` (at least 1).
 * @param truth y.
 * @param constant the mean of the training data.
 */
export function regressionMetrics(
  predicted: ArrayLike<number>,
  truth: ArrayLike<number>,
  constant: number,
): RegressionMetrics {
  const n = truth.length;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += truth[i]! / n;
  let squared = 0;
  let absolute = 0;
  let squaredOfConstant = 0;
  let absoluteOfConstant = 0;
  let squaredOfMean = 0;
  for (let i = 0; i < n; i++) {
    const y = truth[i]!;
    const error = predicted[i]! - y;
    squared += error * error;
    absolute += Math.abs(error);
    squaredOfConstant += (constant - y) ** 2;
    absoluteOfConstant += Math.abs(constant - y);
    squaredOfMean += (y - mean) ** 2;
  }
  return {
    mse: squared / n,
    mae: absolute / n,
    constantMse: squaredOfConstant / n,
    constantMae: absoluteOfConstant / n,
    r2: squaredOfMean === 0 ? NaN : 1 - squared / squaredOfMean,
  };
}

export interface SimilarityMetrics {
  /** Σ (ŝ − s)² / nm over all pairs, s by docs/method.md (1) from the true labels */
  readonly mse: number;
  /** Σ |ŝ − s| / nm */
  readonly mae: number;
  /** Σ (c − s)² / nm, c the mean similarity of the training data */
  readonly constantMse: number;
  /** Σ |c − s| / nm */
  readonly constantMae: number;
}

/**
 * @param images true labels of the pictures.
 * @param clips true labels of the clips.
 * @param sigma σ of the training data.
 * @param constant mean similarity of the training data.
 * @param predict gives ŝ of one clip with every picture.
 */
export function similarityMetrics(
  images: PlanePoints,
  clips: PlanePoints,
  sigma: number,
  constant: number,
  predict: RowOfClip,
): SimilarityMetrics {
  const n = images.valence.length;
  const m = clips.valence.length;
  const distances = new Float64Array(n);
  const predicted = new Float64Array(n);
  const total = { mse: 0, mae: 0, constantMse: 0, constantMae: 0 };
  for (let clip = 0; clip < m; clip++) {
    distancesFrom(clips, clip, images, distances);
    predict(clip, predicted);
    const row = { mse: 0, mae: 0, constantMse: 0, constantMae: 0 };
    for (let image = 0; image < n; image++) {
      const s = similarity(distances[image]!, sigma);
      const error = predicted[image]! - s;
      const constantError = constant - s;
      row.mse += error * error;
      row.mae += Math.abs(error);
      row.constantMse += constantError * constantError;
      row.constantMae += Math.abs(constantError);
    }
    total.mse += row.mse;
    total.mae += row.mae;
    total.constantMse += row.constantMse;
    total.constantMae += row.constantMae;
  }
  return {
    mse: total.mse / (n * m),
    mae: total.mae / (n * m),
    constantMse: total.constantMse / (n * m),
    constantMae: total.constantMae / (n * m),
  };
}

export interface RetrievalMetrics {
  /** Mean over the clips of the true distance to the picture ranked first. */
  readonly top1Distance: number;
  /** Mean over the clips of the mean true distance to the five pictures ranked first (to all if there are fewer). */
  readonly top5Distance: number;
  /** The same for the twelve ranked first, from which a program without repetition chooses. */
  readonly top12Distance: number;
  /** Mean over the clips of the distance to the nearest picture: the best ranking. */
  readonly oracleDistance: number;
  /** Mean distance over all pairs: a ranking by chance. */
  readonly randomDistance: number;
  /**
   * (random − top1) / (random − oracle): 1 for the best ranking, 0 for chance, below it for worse; NaN if all distances
   * are equal.
   */
  readonly gapClosed: number;
}

/**
 * @param images true labels of the pictures, at least one.
 * @param clips true labels of the clips, at least one.
 * @param rank gives the score of every picture for one clip; the highest is ranked first, of equal ones the first in
 *   the list. NaN ranks last.
 * @param onFirst called with each clip and the picture ranked first for it, in order.
 */
export function retrievalMetrics(
  images: PlanePoints,
  clips: PlanePoints,
  rank: RowOfClip,
  onFirst?: (clip: number, image: number) => void,
): RetrievalMetrics {
  const n = images.valence.length;
  const m = clips.valence.length;
  const distances = new Float64Array(n);
  const scores = new Float64Array(n);
  const top = new Int32Array(Math.min(12, n));
  let top1 = 0;
  let top5 = 0;
  let top12 = 0;
  let oracle = 0;
  let random = 0;
  for (let clip = 0; clip < m; clip++) {
    distancesFrom(clips, clip, images, distances);
    rank(clip, scores);
    let nearest = Infinity;
    let rowSum = 0;
    for (let image = 0; image < n; image++) {
      const distance = distances[image]!;
      rowSum += distance;
      if (distance < nearest) nearest = distance;
    }
    highest(scores, top);
    onFirst?.(clip, top[0]!);
    top1 += distances[top[0]!]!;
    top5 += meanOfFirst(5, top, distances);
    top12 += meanOfFirst(12, top, distances);
    oracle += nearest;
    random += rowSum / n;
  }
  return {
    top1Distance: top1 / m,
    top5Distance: top5 / m,
    top12Distance: top12 / m,
    oracleDistance: oracle / m,
    randomDistance: random / m,
    gapClosed: random === oracle ? NaN : (random - top1) / (random - oracle),
  };
}

/** The mean distance of the pictures in the first `count` places, or of all if there are fewer. */
function meanOfFirst(count: number, top: Int32Array, distances: Float64Array): number {
  const places = Math.min(count, top.length);
  let sum = 0;
  for (let place = 0; place < places; place++) sum += distances[top[place]!]!;
  return sum / places;
}

/** Writes the indices of the highest scores into `top`, best first; equal scores in the order of their indices. */
function highest(scores: Float64Array, top: Int32Array): void {
  let filled = 0;
  for (let index = 0; index < scores.length; index++) {
    const score = orderOf(scores[index]!);
    if (filled === top.length && score <= orderOf(scores[top[filled - 1]!]!)) continue;
    let place = filled < top.length ? filled++ : filled - 1;
    while (place > 0 && score > orderOf(scores[top[place - 1]!]!)) {
      top[place] = top[place - 1]!;
      place--;
    }
    top[place] = index;
  }
}

function orderOf(score: number): number {
  return Number.isNaN(score) ? -Infinity : score;
}

/**
 * Area under the ROC curve: the probability that a positive scores above a negative, ties counting half (Mann and
 * Whitney's U / (n₊ n₋)). NaN when one of the classes is empty.
 *
 * @param scores one a case; none may be NaN.
 * @param positive whether each case is of the positive class.
 */
export function areaUnderCurve(scores: ArrayLike<number>, positive: ArrayLike<boolean>): number {
  const ranks = averageRanks(scores);
  let positives = 0;
  let rankSum = 0;
  for (let i = 0; i < ranks.length; i++) {
    if (!positive[i]!) continue;
    positives++;
    rankSum += ranks[i]!;
  }
  const negatives = ranks.length - positives;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}

/**
 * Spearman's rank correlation: Pearson's correlation of the ranks, equal values sharing the mean of their ranks.
 * On [−1, 1]; NaN where one of the two doesn't vary.
 */
export function rankCorrelation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const ranksOfA = averageRanks(a);
  const ranksOfB = averageRanks(b);
  const mean = (a.length + 1) / 2;
  let covariance = 0;
  let varianceOfA = 0;
  let varianceOfB = 0;
  for (let i = 0; i < ranksOfA.length; i++) {
    const da = ranksOfA[i]! - mean;
    const db = ranksOfB[i]! - mean;
    covariance += da * db;
    varianceOfA += da * da;
    varianceOfB += db * db;
  }
  return covariance / Math.sqrt(varianceOfA * varianceOfB);
}

/** Ranks from 1 on, the lowest value first; equal values share the mean of the ranks they take up. */
function averageRanks(values: ArrayLike<number>): Float64Array {
  const order = Array.from(values, (_, index) => index).sort((i, j) => values[i]! - values[j]!);
  const ranks = new Float64Array(order.length);
  for (let first = 0; first < order.length;) {
    let end = first + 1;
    while (end < order.length && values[order[end]!] === values[order[first]!]) end++;
    for (let i = first; i < end; i++) ranks[order[i]!] = (first + 1 + end) / 2;
    first = end;
  }
  return ranks;
}
