import { solve } from '../../linear-algebra/index.ts';
import type { Mood } from '../../model/index.ts';
import { similarity } from '../../plane.ts';

/** Probabilists' Gauss-Hermite quadrature with five points: of the standard normal distribution. */
const NODES = [-2.8569700138728, -1.3556261799742659, 0, 1.3556261799742659, 2.8569700138728];
const NODE_WEIGHTS = [
  0.01125741132772069, 0.2220759220056126, 0.5333333333333333, 0.2220759220056126, 0.01125741132772069,
];

/** The mean errors and variances of predictions for pictures and clips, in the two directions of the plane. */
interface Spread {
  readonly valence: number;
  readonly arousal: number;
}

/**
 * The mean of exp(−d / σ) when the true difference of a picture and a clip is that of their predictions plus an error,
 * normal in each direction.
 *
 * @param variance of the error of the difference.
 */
export function averagedSimilarity(picture: Mood, clip: Mood, variance: Spread, sigma: number): number {
  const valence = picture.valence - clip.valence;
  const arousal = picture.arousal - clip.arousal;
  const valenceError = Math.sqrt(variance.valence);
  const arousalError = Math.sqrt(variance.arousal);
  let sum = 0;
  for (let i = 0; i < NODES.length; i++) {
    const dv = valence + NODES[i]! * valenceError;
    for (let j = 0; j < NODES.length; j++) {
      const da = arousal + NODES[j]! * arousalError;
      sum += NODE_WEIGHTS[i]! * NODE_WEIGHTS[j]! * similarity(Math.sqrt(dv * dv + da * da), sigma);
    }
  }
  return sum;
}

/** 1, the four predicted values, their ten products, and the averaged similarity. */
const TERMS = 16;

function terms(picture: Mood, clip: Mood, averaged: number, out: Float64Array): void {
  const p = picture.valence;
  const q = picture.arousal;
  const m = clip.valence;
  const n = clip.arousal;
  out[0] = 1;
  out[1] = p;
  out[2] = q;
  out[3] = m;
  out[4] = n;
  out[5] = p * p;
  out[6] = p * q;
  out[7] = p * m;
  out[8] = p * n;
  out[9] = q * q;
  out[10] = q * m;
  out[11] = q * n;
  out[12] = m * m;
  out[13] = m * n;
  out[14] = n * n;
  out[15] = averaged;
}

/**
 * Expected similarity. The distance of two predictions is a biased estimate of the true distance: predictions stay near
 * the middle, and both have errors. So similarity is averaged over these errors, and a quadratic in the predictions,
 * fitted to pairs with known truth, corrects the rest.
 */
export interface SimilarityFit {
  readonly sigma: number;
  /** Variance of the errors of a picture's and a clip's prediction together. */
  readonly variance: Spread;
  /** TERMS of them. */
  readonly coefficients: readonly number[];
}

/** Expected similarity of one picture and one clip, in [0, 1]. */
export function expectedSimilarity(
  { sigma, variance, coefficients }: SimilarityFit,
  picture: Mood,
  clip: Mood,
): number {
  const values = new Float64Array(TERMS);
  terms(picture, clip, averagedSimilarity(picture, clip, variance, sigma), values);
  let sum = 0;
  for (let i = 0; i < TERMS; i++) sum += coefficients[i]! * values[i]!;
  return Math.min(1, Math.max(0, sum));
}

/** The prediction and the truth of a picture or clip. */
export interface Judged {
  readonly read: Mood;
  readonly truth: Mood;
}

/** The mean squared errors of predictions. */
export function errorVariance(items: readonly Judged[]): Spread {
  const mean = (of: (item: Judged) => number) =>
    items.reduce((sum, item) => sum + of(item) / items.length, 0);
  return {
    valence: mean(({ read, truth }) => (read.valence - truth.valence) ** 2),
    arousal: mean(({ read, truth }) => (read.arousal - truth.arousal) ** 2),
  };
}

export interface FitOptions {
  readonly sigma: number;
  readonly varianceFactor: number;
}

/**
 * Fits by least squares over all pairs.
 *
 * @param pictures and `clips` with out-of-fold predictions
 */
export function fitSimilarity(
  pictures: readonly Judged[],
  clips: readonly Judged[],
  { sigma, varianceFactor }: FitOptions,
): SimilarityFit {
  const ofPictures = errorVariance(pictures);
  const ofClips = errorVariance(clips);
  const variance = {
    valence: varianceFactor * (ofPictures.valence + ofClips.valence),
    arousal: varianceFactor * (ofPictures.arousal + ofClips.arousal),
  };
  const squares = new Float64Array(TERMS * TERMS);
  const products = new Float64Array(TERMS);
  const values = new Float64Array(TERMS);
  for (const { read: picture, truth: p } of pictures) {
    for (const { read: clip, truth: m } of clips) {
      const truth = similarity(Math.hypot(p.valence - m.valence, p.arousal - m.arousal), sigma);
      terms(picture, clip, averagedSimilarity(picture, clip, variance, sigma), values);
      for (let i = 0; i < TERMS; i++) {
        products[i]! += values[i]! * truth;
        for (let j = 0; j <= i; j++) squares[i * TERMS + j]! += values[i]! * values[j]!;
      }
    }
  }
  const pairs = pictures.length * clips.length;
  for (let i = 0; i < TERMS; i++) {
    for (let j = 0; j < i; j++) squares[j * TERMS + i] = squares[i * TERMS + j]!;
    // So small that it matters only when the predictions don't determine the terms.
    squares[i * TERMS + i]! += 1e-7 * pairs;
  }
  return { sigma, variance, coefficients: [...solve({ size: TERMS, values: squares }, products)] };
}
