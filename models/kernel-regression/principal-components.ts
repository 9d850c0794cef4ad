import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { Random } from '../learning/index.ts';
import { cholesky, timesTransposed, transposed } from './symmetric.ts';

/** Directions beyond those that are wanted, which make the wanted ones exact sooner. */
const SPARE = 32;
const ITERATIONS = 6;

export interface PrincipalComponents {
  /** How many there are: `count`, or the rank of the rows where that is less. */
  readonly count: number;
  /** Orthonormal directions, row-major [count, width], that of the largest variance first. */
  readonly directions: Float64Array;
}

/**
 * The principal components of centred rows, by subspace iteration on the rows' inner products (Halko, Martinsson and
 * Tropp 2011, algorithm 4.4), which costs much less than all eigenvectors where few of thousands are wanted. The random
 * start is seeded: the same rows give the same components.
 *
 * @param rows [count, width], row-major; each column's mean is 0.
 */
export function principalComponents(rows: Float64Array, width: number, wanted: number): PrincipalComponents {
  const n = rows.length / width;
  const size = Math.min(n, wanted + SPARE);
  const gram = timesTransposed(rows, rows, width);
  const random = Random.seeded(1, 'principal components');
  let basis: Float64Array = Float64Array.from({ length: size * n }, () => random.real() - 0.5);
  for (let i = 0; i < ITERATIONS; i++) basis = orthonormal(timesTransposed(basis, gram, n), n);

  // Rayleigh and Ritz: the eigenvectors within the subspace.
  const inside = timesTransposed(timesTransposed(basis, gram, n), basis, n);
  const { eigenvalues, vectors } = eigenvectors(inside, size);
  const largest = Math.max(...eigenvalues);
  const kept = eigenvalues.slice(0, wanted).filter((value) => value > largest * 1e-9);
  const chosen = new Float64Array(kept.length * size);
  kept.forEach((value, k) => {
    for (let i = 0; i < size; i++) chosen[k * size + i] = vectors[k]![i]! / Math.sqrt(value);
  });
  const combined = timesTransposed(chosen, transposed(basis, size, n), size);
  const directions = timesTransposed(combined, transposed(rows, n, width), n);
  return { count: kept.length, directions };
}

/** Eigenvalues of a symmetric matrix from the largest on, and their vectors. */
function eigenvectors(values: Float64Array, size: number): { eigenvalues: number[]; vectors: number[][] } {
  const found = new EigenvalueDecomposition(Matrix.from1DArray(size, size, values), {
    assumeSymmetric: true,
  });
  const order = found.realEigenvalues
    .map((_, index) => index)
    .sort((a, b) => found.realEigenvalues[b]! - found.realEigenvalues[a]!);
  return {
    eigenvalues: order.map((index) => found.realEigenvalues[index]!),
    vectors: order.map((index) => found.eigenvectorMatrix.getColumn(index)),
  };
}

/** An orthonormal basis of what the rows [size, n] span, by Cholesky's factor of their inner products, done twice. */
function orthonormal(rows: Float64Array, n: number): Float64Array {
  let basis = rows;
  for (let pass = 0; pass < 2; pass++) {
    const size = basis.length / n;
    const products = timesTransposed(basis, basis, n);
    let trace = 0;
    for (let i = 0; i < size; i++) trace += products[i * size + i]!;
    // Where rows depend on each other, a trace of independence lets the factor exist.
    for (let i = 0; i < size; i++) products[i * size + i]! += trace * 1e-13;
    const diagonal = cholesky({ size, values: products });
    const next = basis.slice();
    for (let i = 0; i < size; i++) {
      const row = next.subarray(i * n, (i + 1) * n);
      for (let k = 0; k < i; k++) {
        const factor = products[i * size + k]!;
        const other = next.subarray(k * n, (k + 1) * n);
        for (let c = 0; c < n; c++) row[c]! -= factor * other[c]!;
      }
      for (let c = 0; c < n; c++) row[c]! /= diagonal[i]!;
    }
    basis = next;
  }
  return basis;
}
