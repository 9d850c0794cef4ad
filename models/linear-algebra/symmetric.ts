/**
 * Dense symmetric matrices of some thousand rows at most, in float64, as products of contiguous rows. Sixteen products
 * at once keep the numbers in registers, several times faster than libraries that take one at a time. Results don't
 * depend on threads: the same numbers give the same bits.
 */
export interface SquareMatrix {
  readonly size: number;
  /** Row-major [size, size]. */
  readonly values: Float64Array;
}

/** Rows taken together, against as many others. */
const TILE = 4;

/** Rows that stay in the cache while the others stream by. */
const PANEL = 32;

/**
 * The inner products of rows i..i+3 of `a` with rows j..j+3 of `b` over the columns from..to, into `out` [16]. A row
 * beyond the last one repeats it; callers ignore those products.
 */
function tile(
  a: Float64Array,
  aWidth: number,
  i: number,
  lastA: number,
  b: Float64Array,
  bWidth: number,
  j: number,
  lastB: number,
  from: number,
  to: number,
  out: Float64Array,
): void {
  const a0 = i * aWidth;
  const a1 = Math.min(i + 1, lastA) * aWidth;
  const a2 = Math.min(i + 2, lastA) * aWidth;
  const a3 = Math.min(i + 3, lastA) * aWidth;
  const b0 = j * bWidth;
  const b1 = Math.min(j + 1, lastB) * bWidth;
  const b2 = Math.min(j + 2, lastB) * bWidth;
  const b3 = Math.min(j + 3, lastB) * bWidth;
  let s00 = 0,
    s01 = 0,
    s02 = 0,
    s03 = 0;
  let s10 = 0,
    s11 = 0,
    s12 = 0,
    s13 = 0;
  let s20 = 0,
    s21 = 0,
    s22 = 0,
    s23 = 0;
  let s30 = 0,
    s31 = 0,
    s32 = 0,
    s33 = 0;
  for (let k = from; k < to; k++) {
    const x0 = a[a0 + k]!;
    const x1 = a[a1 + k]!;
    const x2 = a[a2 + k]!;
    const x3 = a[a3 + k]!;
    const y0 = b[b0 + k]!;
    const y1 = b[b1 + k]!;
    const y2 = b[b2 + k]!;
    const y3 = b[b3 + k]!;
    s00 += x0 * y0;
    s01 += x0 * y1;
    s02 += x0 * y2;
    s03 += x0 * y3;
    s10 += x1 * y0;
    s11 += x1 * y1;
    s12 += x1 * y2;
    s13 += x1 * y3;
    s20 += x2 * y0;
    s21 += x2 * y1;
    s22 += x2 * y2;
    s23 += x2 * y3;
    s30 += x3 * y0;
    s31 += x3 * y1;
    s32 += x3 * y2;
    s33 += x3 * y3;
  }
  out[0] = s00;
  out[1] = s01;
  out[2] = s02;
  out[3] = s03;
  out[4] = s10;
  out[5] = s11;
  out[6] = s12;
  out[7] = s13;
  out[8] = s20;
  out[9] = s21;
  out[10] = s22;
  out[11] = s23;
  out[12] = s30;
  out[13] = s31;
  out[14] = s32;
  out[15] = s33;
}

/**
 * The product of a matrix with another's transpose.
 * @param a [rowsA, width], row-major
 * @param b [rowsB, width], row-major
 * @returns [rowsA, rowsB], row-major
 */
export function timesTransposed(a: Float64Array, b: Float64Array, width: number): Float64Array {
  const rowsA = a.length / width;
  const rowsB = b.length / width;
  const product = new Float64Array(rowsA * rowsB);
  const out = new Float64Array(TILE * TILE);
  const isSquare = a === b;
  for (let panel = 0; panel < rowsA; panel += PANEL) {
    const end = Math.min(panel + PANEL, rowsA);
    for (let j = 0; j < (isSquare ? end : rowsB); j += TILE) {
      for (let i = isSquare ? Math.max(panel, j) : panel; i < end; i += TILE) {
        tile(a, width, i, rowsA - 1, b, width, j, rowsB - 1, 0, width, out);
        for (let r = 0; r < TILE && i + r < rowsA; r++) {
          for (let c = 0; c < TILE && j + c < rowsB; c++) {
            product[(i + r) * rowsB + j + c] = out[r * TILE + c]!;
            if (isSquare) product[(j + c) * rowsB + i + r] = out[r * TILE + c]!;
          }
        }
      }
    }
  }
  return product;
}

/**
 * Cholesky's factor L of a symmetric positive definite matrix, into its lower triangle without the diagonal, which is
 * returned.
 *
 * @throws RangeError when it is not positive definite.
 */
export function cholesky({ size, values }: SquareMatrix): Float64Array {
  const diagonal = new Float64Array(size);
  const out = new Float64Array(TILE * TILE);
  const finish = (i: number, j: number): void => {
    for (let r = 0; r < TILE && i + r < size; r++) {
      for (let c = 0; c < TILE && j + c <= i + r; c++) {
        const row = (i + r) * size;
        const other = (j + c) * size;
        let sum = values[row + j + c]! - out[r * TILE + c]!;
        for (let k = j; k < j + c; k++) sum -= values[row + k]! * values[other + k]!;
        if (i + r !== j + c) {
          values[row + j + c] = sum / diagonal[j + c]!;
          continue;
        }
        if (!(sum > 0)) throw new RangeError(`the matrix is not positive definite (row ${i + r})`);
        diagonal[i + r] = Math.sqrt(sum);
      }
    }
  };
  for (let panel = 0; panel < size; panel += PANEL) {
    const end = Math.min(panel + PANEL, size);
    for (let j = 0; j < end; j += TILE) {
      for (let i = Math.max(panel, j); i < end; i += TILE) {
        tile(values, size, i, size - 1, values, size, j, size - 1, 0, j, out);
        finish(i, j);
      }
    }
  }
  return diagonal;
}

/** Columns taken together: those of all rows stay in the cache. */
const COLUMNS_TOGETHER = 64;

/**
 * Rows [size, n] become L⁻¹ · rows, in place. The order of operations on each number does not depend on how the columns
 * are divided.
 * @param factor L below its diagonal, as `cholesky` leaves it
 */
export function solveTriangular(
  { size, values: factor }: SquareMatrix,
  diagonal: Float64Array,
  rows: Float64Array,
  n: number,
): void {
  for (let from = 0; from < n; from += COLUMNS_TOGETHER) {
    const to = Math.min(n, from + COLUMNS_TOGETHER);
    for (let i = 0; i < size; i++) {
      let k = 0;
      for (; k + 4 <= i; k += 4) {
        const at = i * size + k;
        const [f0, f1, f2, f3] = [factor[at]!, factor[at + 1]!, factor[at + 2]!, factor[at + 3]!];
        const [r0, r1, r2, r3] = [k * n, (k + 1) * n, (k + 2) * n, (k + 3) * n];
        for (let c = from; c < to; c++) {
          rows[i * n + c] =
            rows[i * n + c]! -
            f0 * rows[r0 + c]! -
            f1 * rows[r1 + c]! -
            f2 * rows[r2 + c]! -
            f3 * rows[r3 + c]!;
        }
      }
      for (; k < i; k++) {
        const f = factor[i * size + k]!;
        for (let c = from; c < to; c++) rows[i * n + c]! -= f * rows[k * n + c]!;
      }
      for (let c = from; c < to; c++) rows[i * n + c]! /= diagonal[i]!;
    }
  }
}

/**
 * Solves A x = b for a small symmetric positive definite A, in place of `b`.
 *
 * @param columns right sides, b is row-major [size, columns].
 * @throws RangeError when it is not positive definite.
 */
export function solve({ size, values }: SquareMatrix, b: Float64Array, columns = 1): Float64Array {
  const factor = values.slice();
  const diagonal = cholesky({ size, values: factor });
  for (let i = 0; i < size; i++) {
    for (let c = 0; c < columns; c++) {
      let sum = b[i * columns + c]!;
      for (let k = 0; k < i; k++) sum -= factor[i * size + k]! * b[k * columns + c]!;
      b[i * columns + c] = sum / diagonal[i]!;
    }
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let c = 0; c < columns; c++) {
      let sum = b[i * columns + c]!;
      for (let k = i + 1; k < size; k++) sum -= factor[k * size + i]! * b[k * columns + c]!;
      b[i * columns + c] = sum / diagonal[i]!;
    }
  }
  return b;
}
