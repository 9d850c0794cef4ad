import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { PlanePoint } from '../plane.ts';

/** An embedding with the label of its file. */
export interface EmbeddedItem {
  readonly file: string;
  readonly embedding: Float32Array;
  readonly label: PlanePoint;
}

/** Embeddings projected onto two directions. */
interface Projection<Axis> {
  readonly axes: readonly [Axis, Axis];
  /** x and y of each item, for each group: [2 × items], item by item. */
  readonly points: readonly Float32Array[];
}

export interface Projections {
  /** The two principal components, each with its part of the variance. */
  readonly principal: Projection<{ readonly varianceShare: number }>;
  /**
   * The two directions that best predict valence (x) and arousal (y) by least squares, in their own units; each with R²
   * when every file is predicted from the others.
   */
  readonly moods: Projection<{ readonly r2: number }>;
}

/**
 * Files of each group that determine the directions, evenly spaced in their order; all items are projected onto them.
 */
const MOST_FILES = 4096;
/** Principal components for least squares: the others are a small part of the variance. */
const MOST_COMPONENTS = 128;
/** Fewer files than this give no useful directions. */
export const LEAST_FILES = 4;
/** Variance below this part of the largest is rounding error. */
const LEAST_PART = 1e-9;
/** Ridge penalties that are tried, as parts of the largest variance. */
const PENALTIES = Array.from({ length: 15 }, (_, i) => 10 ** (-6 + i / 2));

/**
 * Projects embeddings of several groups (pictures, clips) into one plane. All groups have the same weight, and so have
 * all files of a group: a long song is one mean point. The ridge penalty of the least squares is the one that best
 * predicts left-out files (by the exact formula, Allen's PRESS), because a space of 512 directions fits any few hundred
 * labels.
 *
 * The signs of the principal components make valence grow with the first and arousal with the second.
 * @returns null with fewer than LEAST_FILES files, or when all embeddings are equal
 */
export function projectEmbeddings(groups: readonly (readonly EmbeddedItem[])[]): Projections | null {
  const rows = groups
    .filter((items) => items.length > 0)
    .flatMap((items, _, all) => fileMeans(items, 1 / all.length));
  if (rows.length < LEAST_FILES) return null;
  const width = rows[0]!.values.length;
  const middle = new Float64Array(width);
  for (const { values, weight } of rows) for (let i = 0; i < width; i++) middle[i]! += weight * values[i]!;
  for (const { values } of rows) for (let i = 0; i < width; i++) values[i]! -= middle[i]!;
  const { variances, directions, total } = components(rows, width);
  if (variances.length === 0) return null;

  const coordinates = rows.map(({ values }) =>
    Float64Array.from(directions, (direction) => dot(direction, values)),
  );
  const turned = (component: number, axis: keyof PlanePoint) => {
    const direction = directions[component] ?? new Float64Array(width);
    const sign = rows.reduce(
      (sum, { weight, label }, row) => sum + weight * label[axis] * (coordinates[row]![component] ?? 0),
      0,
    );
    return { direction: sign < 0 ? direction.map((value) => -value) : direction, offset: 0 };
  };
  const fits = (['valence', 'arousal'] as const).map((axis) => {
    const fit = ridge(rows, coordinates, variances, axis);
    const direction = new Float64Array(width);
    fit.coefficients.forEach((coefficient, k) => {
      for (let i = 0; i < width; i++) direction[i]! += coefficient * directions[k]![i]!;
    });
    return { direction, offset: fit.mean, r2: fit.r2 };
  });
  const points = (axes: readonly Axis[]) => groups.map((items) => projected(items, middle, axes));
  return {
    principal: {
      axes: [{ varianceShare: variances[0]! / total }, { varianceShare: (variances[1] ?? 0) / total }],
      points: points([turned(0, 'valence'), turned(1, 'arousal')]),
    },
    moods: { axes: [{ r2: fits[0]!.r2 }, { r2: fits[1]!.r2 }], points: points(fits) },
  };
}

interface Axis {
  readonly direction: Float64Array;
  readonly offset: number;
}

/** A file: the mean of its clips. Weights of all rows sum to 1. */
interface Row {
  readonly values: Float64Array;
  readonly label: PlanePoint;
  readonly weight: number;
}

function fileMeans(items: readonly EmbeddedItem[], weight: number): Row[] {
  const ofFile = new Map<string, EmbeddedItem[]>();
  for (const item of items) {
    const others = ofFile.get(item.file);
    if (others === undefined) ofFile.set(item.file, [item]);
    else others.push(item);
  }
  const files = [...ofFile.values()];
  const count = Math.min(files.length, MOST_FILES);
  return Array.from({ length: count }, (_, i) => {
    const its = files[Math.floor((i * files.length) / count)]!;
    const values = new Float64Array(its[0]!.embedding.length);
    for (const { embedding } of its) embedding.forEach((value, k) => (values[k]! += value / its.length));
    const mean = (axis: keyof PlanePoint) =>
      its.reduce((sum, { label }) => sum + label[axis] / its.length, 0);
    return { values, label: { valence: mean('valence'), arousal: mean('arousal') }, weight: weight / count };
  });
}

/** Principal components of centred rows, the largest variance first, and the variance of all directions together. */
function components(
  rows: readonly Row[],
  width: number,
): {
  readonly variances: readonly number[];
  readonly directions: readonly Float64Array[];
  readonly total: number;
} {
  const covariance = Array.from({ length: width }, () => new Float64Array(width));
  for (const { values, weight } of rows) {
    for (let i = 0; i < width; i++) {
      const scaled = weight * values[i]!;
      const row = covariance[i]!;
      for (let j = 0; j <= i; j++) row[j]! += scaled * values[j]!;
    }
  }
  const matrix = Matrix.zeros(width, width);
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      matrix.set(i, j, covariance[i]![j]!);
      matrix.set(j, i, covariance[i]![j]!);
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, {
    assumeSymmetric: true,
  });
  const order = realEigenvalues.map((_, k) => k).sort((a, b) => realEigenvalues[b]! - realEigenvalues[a]!);
  const largest = realEigenvalues[order[0]!]!;
  const kept = order
    .slice(0, MOST_COMPONENTS)
    .filter((k) => realEigenvalues[k]! > Math.max(largest * LEAST_PART, Number.MIN_VALUE));
  return {
    total: matrix.trace(),
    variances: kept.map((k) => realEigenvalues[k]!),
    directions: kept.map((k) => Float64Array.from(eigenvectorMatrix.getColumn(k))),
  };
}

/**
 * Ridge regression on principal coordinates, with the penalty that best predicts left-out rows.
 * @returns coefficients of the coordinates, the weighted mean of the labels, and R² of left-out rows
 */
function ridge(
  rows: readonly Row[],
  coordinates: readonly Float64Array[],
  variances: readonly number[],
  axis: keyof PlanePoint,
): { readonly coefficients: Float64Array; readonly mean: number; readonly r2: number } {
  const mean = rows.reduce((sum, { weight, label }) => sum + weight * label[axis], 0);
  const spread = rows.reduce((sum, { weight, label }) => sum + weight * (label[axis] - mean) ** 2, 0);
  const together = new Float64Array(variances.length);
  rows.forEach(({ weight, label }, row) => {
    const scaled = weight * (label[axis] - mean);
    const place = coordinates[row]!;
    for (let k = 0; k < together.length; k++) together[k]! += scaled * place[k]!;
  });
  let best = { coefficients: new Float64Array(variances.length), error: Infinity };
  for (const part of PENALTIES) {
    const shrunk = variances.map((variance) => variance + part * variances[0]!);
    const coefficients = together.map((sum, k) => sum / shrunk[k]!);
    let error = 0;
    rows.forEach(({ weight, label }, row) => {
      const place = coordinates[row]!;
      let fitted = mean;
      let leverage = 1;
      for (let k = 0; k < place.length; k++) {
        fitted += coefficients[k]! * place[k]!;
        leverage += place[k]! ** 2 / shrunk[k]!;
      }
      error += weight * ((label[axis] - fitted) / (1 - weight * leverage)) ** 2;
    });
    if (error < best.error) best = { coefficients, error };
  }
  return { coefficients: best.coefficients, mean, r2: spread === 0 ? NaN : 1 - best.error / spread };
}

function projected(
  items: readonly EmbeddedItem[],
  middle: Float64Array,
  axes: readonly Axis[],
): Float32Array {
  const origins = axes.map(({ direction, offset }) => offset - dot(direction, middle));
  const points = new Float32Array(2 * items.length);
  items.forEach(({ embedding }, item) => {
    axes.forEach(({ direction }, axis) => {
      points[2 * item + axis] = origins[axis]! + dot(direction, embedding);
    });
  });
  return points;
}

function dot(a: Float64Array, b: Float64Array | Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
