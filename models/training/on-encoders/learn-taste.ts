import type { Reference, Taste } from '../../families/on-encoders/index.ts';
import { cholesky, solveTriangular, timesTransposed } from '../../linear-algebra/index.ts';
import type { Mood } from '../../model/index.ts';

/** A picture with a mood set by a person. */
export interface Correction {
  readonly embedding: Float32Array;
  /** The model's prediction for it. */
  readonly prediction: Mood;
  /** The person's mood: one of the two axes, or both. */
  readonly hand: Partial<Mood>;
}

/** The pictures of the reference that don't resemble a corrected one. */
function others(reference: Reference, corrections: readonly Correction[], size: number): Reference {
  const kept = Array.from({ length: reference.ratings.length / 2 }, (_, i) => i).filter((i) =>
    corrections.every(({ embedding }) => {
      let cosine = 0;
      for (let c = 0; c < size; c++) cosine += reference.embeddings[i * size + c]! * embedding[c]!;
      return cosine < SAME_KIND;
    }),
  );
  const rows = (values: Float32Array, width: number): Float32Array => {
    const found = new Float32Array(kept.length * width);
    kept.forEach((row, i) => {
      found.set(values.subarray(row * width, (row + 1) * width), i * width);
    });
    return found;
  };
  return { embeddings: rows(reference.embeddings, size), ratings: rows(reference.ratings, 2) };
}

/** A learnt taste with its figures. */
export interface TasteFit {
  readonly taste: Taste;
  /**
   * Row-major [corrections, 2]: the movement of each correction, predicted from the others; 0 where nothing was
   * corrected.
   */
  readonly corrections: Float32Array;
  /** The pictures of the reference that anchor it. */
  readonly reference: Reference;
  /** Row-major [reference, 2]: the movement of each of these, predicted from all others. */
  readonly moves: Float32Array;
}

/**
 * Tried from the widest. The model card gives the results: the error on the rest of a theme falls by 37, 48 and 57 %
 * after 10, 20 and 40 corrections.
 */
const WIDTHS = [0.25, 0.22, 0.2, 0.18, 0.15] as const;

/**
 * Pictures of the reference whose embedding has at least this cosine with that of a corrected picture resemble it: they
 * follow the correction instead of anchoring the taste.
 */
const SAME_KIND = 0.9;

/**
 * Variances of the noise, as parts of the prior's: corrections count as nearly exact, the reference may give way a
 * little.
 */
const HAND_NOISE = 0.05;
const REFERENCE_NOISE = 0.3;

const AXES = ['valence', 'arousal'] as const;

/**
 * The widest taste under which the pictures of the reference move by at most `bound` on average (the larger of valence
 * and arousal), else the narrowest.
 *
 * @param corrections at least one
 * @param size numbers of an embedding
 */
export function learnTaste(
  corrections: readonly Correction[],
  pictures: Reference,
  size: number,
  bound: number,
): TasteFit {
  const reference = others(pictures, corrections, size);
  const count = reference.ratings.length / 2;
  const points = new Float32Array((corrections.length + count) * size);
  corrections.forEach(({ embedding }, i) => {
    points.set(embedding, i * size);
  });
  points.set(reference.embeddings, corrections.length * size);
  const numbers = Float64Array.from(points);
  const cosines = timesTransposed(numbers, numbers, size);
  let fit: Omit<TasteFit, 'reference'> | undefined;
  for (const width of WIDTHS) {
    fit = tasteOfWidth(corrections, points, cosines, width);
    if (movement(fit.moves) <= bound) break;
  }
  return { ...fit!, reference };
}

/** Mean distance that moods move by: the larger one of valence and arousal. @param moves row-major [count, 2] */
export function movement(moves: Float32Array): number {
  const mean = (axis: number): number => {
    let sum = 0;
    for (let i = axis; i < moves.length; i += 2) sum += Math.abs(moves[i]!);
    return moves.length === 0 ? 0 : (2 * sum) / moves.length;
  };
  return Math.max(mean(0), mean(1));
}

function tasteOfWidth(
  corrections: readonly Correction[],
  points: Float32Array,
  cosines: Float64Array,
  width: number,
): Omit<TasteFit, 'reference'> {
  const total = Math.sqrt(cosines.length);
  const kernel = cosines.map((cosine) => Math.exp((cosine - 1) / width ** 2));
  const pulls = new Float32Array(2 * total);
  const moves = new Float32Array(2 * total);
  AXES.forEach((axis, a) => {
    // A picture without a correction on this axis does not count.
    const rows = Array.from({ length: total }, (_, i) => i).filter(
      (i) => i >= corrections.length || corrections[i]!.hand[axis] !== undefined,
    );
    const wanted = rows.map((i) => {
      const correction = corrections[i];
      return correction === undefined ? 0 : correction.hand[axis]! - correction.prediction[axis];
    });
    const inverse = inverseOf(
      rows.flatMap((i) => rows.map((j) => kernel[i * total + j]!)),
      rows.map((i) => (i < corrections.length ? HAND_NOISE : REFERENCE_NOISE)),
    );
    rows.forEach((i, r) => {
      let pull = 0;
      rows.forEach((_, c) => (pull += inverse[r * rows.length + c]! * wanted[c]!));
      pulls[2 * i + a] = pull;
      // Leave-one-out prediction (Rasmussen and Williams, 5.12).
      moves[2 * i + a] = wanted[r]! - pull / inverse[r * (rows.length + 1)]!;
    });
  });
  const split = 2 * corrections.length;
  return {
    taste: { width, points, pulls },
    corrections: moves.slice(0, split),
    moves: moves.slice(split),
  };
}

/** The inverse of a kernel matrix with noise on its diagonal, row-major. */
function inverseOf(kernel: readonly number[], noise: readonly number[]): Float64Array {
  const size = noise.length;
  const values = Float64Array.from(kernel);
  noise.forEach((of, i) => (values[i * (size + 1)]! += of));
  const diagonal = cholesky({ size, values });
  const identity = new Float64Array(size * size);
  for (let i = 0; i < size; i++) identity[i * (size + 1)] = 1;
  solveTriangular({ size, values }, diagonal, identity, size);
  // L⁻¹ is in `identity`; K⁻¹ = L⁻ᵀ L⁻¹.
  const columns = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) columns[j * size + i] = identity[i * size + j]!;
  return timesTransposed(columns, columns, size);
}
