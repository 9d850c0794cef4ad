/**
 * The valence-arousal plane: points on [0, 1]², their distances, and the similarity that the method derives from
 * them. Valence grows from unpleasant to pleasant, arousal from calm to excited.
 */

/** Labels or predictions, one a file or clip; both arrays have the same length. */
export interface PlanePoints {
  readonly valence: ArrayLike<number>;
  readonly arousal: ArrayLike<number>;
}

export interface PlanePoint {
  readonly valence: number;
  readonly arousal: number;
}

export function planePoints(points: readonly PlanePoint[]): PlanePoints {
  return {
    valence: Float64Array.from(points, ({ valence }) => valence),
    arousal: Float64Array.from(points, ({ arousal }) => arousal),
  };
}

/** The similarity of a picture and a clip at `distance` in the plane: s = exp(−d / σ), docs/method.md (1). On (0, 1]. */
export function similarity(distance: number, sigma: number): number {
  return Math.exp(-distance / sigma);
}

/** Euclidean distances from the point `index` of `from` to all of `to`, written into `out`. */
export function distancesFrom(from: PlanePoints, index: number, to: PlanePoints, out: Float64Array): void {
  const valence = from.valence[index]!;
  const arousal = from.arousal[index]!;
  for (let i = 0; i < out.length; i++) {
    const dv = to.valence[i]! - valence;
    const da = to.arousal[i]! - arousal;
    out[i] = Math.sqrt(dv * dv + da * da);
  }
}

/** σ of docs/method.md (1): the mean distance over all pairs (every picture with every clip). NaN without pairs. */
export function meanDistance(images: PlanePoints, clips: PlanePoints): number {
  return meanOverPairs(images, clips, (distance) => distance);
}

/** The mean of docs/method.md (1) over all pairs: the constant that predicts similarity best in the mean square. */
export function meanSimilarity(images: PlanePoints, clips: PlanePoints, sigma: number): number {
  return meanOverPairs(images, clips, (distance) => similarity(distance, sigma));
}

function meanOverPairs(images: PlanePoints, clips: PlanePoints, value: (distance: number) => number): number {
  const distances = new Float64Array(images.valence.length);
  let sum = 0;
  for (let clip = 0; clip < clips.valence.length; clip++) {
    distancesFrom(clips, clip, images, distances);
    // Sums row by row, so that small terms don't vanish in a large sum.
    let rowSum = 0;
    for (let image = 0; image < distances.length; image++) rowSum += value(distances[image]!);
    sum += rowSum;
  }
  return sum / (images.valence.length * clips.valence.length);
}

/** The mean point: the constant that predicts valence and arousal best in the mean square. */
export function meanPoint({ valence, arousal }: PlanePoints): PlanePoint {
  return { valence: mean(valence), arousal: mean(arousal) };
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}
