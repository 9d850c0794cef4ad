import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Engine } from '../engine/index.ts';
import { Random } from '../random.ts';
import { productOnEngine } from './products.ts';
import { cholesky, solveTriangular, timesTransposed } from './symmetric.ts';

/** Additional directions, which make the wanted ones converge sooner. */
const SPARE = 32;
const ITERATIONS = 4;

/** Smaller parts of the largest variance than this are rounding errors of float32. */
const LEAST_PART = 1e-6;

export interface PrincipalComponents {
  /** Number of components: `count`, or the rank of the rows if that is less. */
  readonly count: number;
  /** Orthonormal directions, row-major [count, width], the largest variance first. */
  readonly directions: Float32Array;
}

/**
 * The principal components of centred rows, by subspace iteration on the rows' inner products (Halko, Martinsson and
 * Tropp 2011, algorithm 4.4), which costs much less than all eigenvectors when only a few of thousands are wanted. The
 * random start has a seed: the same rows give the same components.
 *
 * @param rows [count, width], row-major; each column's mean is 0.
 * @throws SynestheteError ENGINE_FAILED
 */
export async function principalComponents(
  engine: Engine,
  rows: Float32Array,
  width: number,
  wanted: number,
): Promise<PrincipalComponents> {
  const n = rows.length / width;
  const size = Math.min(n, wanted + SPARE);
  const product = (a: Float32Array, b: Float32Array, length: number) => productOnEngine(engine, a, b, length);
  const gram = await product(rows, rows, width);
  const random = Random.seeded(1, 'principal components');
  let basis: Float32Array = Float32Array.from({ length: size * n }, () => random.real() - 0.5);
  for (let i = 0; i < ITERATIONS; i++) basis = orthonormal(await product(basis, gram, n), n);

  // Rayleigh and Ritz: the eigenvectors within the subspace.
  const inside = await product(await product(basis, gram, n), basis, n);
  const { eigenvalues, vectors } = eigenvectors(inside, size);
  const largest = Math.max(...eigenvalues);
  const kept = eigenvalues.slice(0, wanted).filter((value) => value > largest * LEAST_PART);
  const chosen = new Float32Array(kept.length * size);
  kept.forEach((value, k) => {
    for (let i = 0; i < size; i++) chosen[k * size + i] = vectors[k]![i]! / Math.sqrt(value);
  });
  const combined = await product(chosen, transposed(basis, size, n), size);
  const directions = await product(combined, transposed(rows, n, width), n);
  return { count: kept.length, directions };
}

/** Eigenvalues of a symmetric matrix from the largest on, and their vectors. */
function eigenvectors(values: Float32Array, size: number): { eigenvalues: number[]; vectors: number[][] } {
  const found = new EigenvalueDecomposition(
    Matrix.from1DArray(size, size, Float64Array.from(symmetric(values, size))),
    {
      assumeSymmetric: true,
    },
  );
  const order = found.realEigenvalues
    .map((_, index) => index)
    .sort((a, b) => found.realEigenvalues[b]! - found.realEigenvalues[a]!);
  return {
    eigenvalues: order.map((index) => found.realEigenvalues[index]!),
    vectors: order.map((index) => found.eigenvectorMatrix.getColumn(index)),
  };
}

/** Rounding makes the two halves differ. */
function symmetric(values: Float32Array, size: number): Float32Array {
  return values.map((value, at) => (value + values[(at % size) * size + Math.floor(at / size)]!) / 2);
}

/** An orthonormal basis of the span of the rows [size, n], by Cholesky's factor of their inner products, done twice. */
function orthonormal(rows: Float32Array, n: number): Float32Array {
  const basis = Float64Array.from(rows);
  for (let pass = 0; pass < 2; pass++) {
    const size = basis.length / n;
    const products = timesTransposed(basis, basis, n);
    let trace = 0;
    for (let i = 0; i < size; i++) trace += products[i * size + i]!;
    // For dependent rows, a small diagonal lets the factor exist.
    for (let i = 0; i < size; i++) products[i * size + i]! += (trace / size) * 1e-9;
    const diagonal = cholesky({ size, values: products });
    solveTriangular({ size, values: products }, diagonal, basis, n);
  }
  return Float32Array.from(basis);
}

/** The transpose of a matrix [rows, columns], row-major. */
function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const result = new Float32Array(matrix.length);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) result[j * rows + i] = matrix[i * columns + j]!;
  }
  return result;
}
