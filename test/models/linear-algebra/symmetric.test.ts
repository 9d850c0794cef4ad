import t from 'tap';
import { cholesky, solve, timesTransposed } from '../../../models/linear-algebra/symmetric.ts';
import { noise } from '../training/on-encoders/numbers.ts';

/** A symmetric positive definite matrix. */
function definite(size: number): Float64Array {
  const rows = noise(size * (size + 3), size);
  const values = timesTransposed(rows, rows, size + 3);
  for (let i = 0; i < size; i++) values[i * size + i]! += 0.5;
  return values;
}

function plainProduct(a: Float64Array, b: Float64Array, width: number): number[] {
  const [rowsA, rowsB] = [a.length / width, b.length / width];
  return Array.from({ length: rowsA * rowsB }, (_, at) => {
    const [i, j] = [Math.floor(at / rowsB), at % rowsB];
    let sum = 0;
    for (let k = 0; k < width; k++) sum += a[i * width + k]! * b[j * width + k]!;
    return sum;
  });
}

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  t.equal(a.length, b.length);
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i]! - b[i]!));
  return most;
}

t.test('products of rows, whatever the sizes leave over of tiles and panels', async (t) => {
  for (const [rowsA, rowsB, width] of [
    [1, 1, 1],
    [5, 3, 7],
    [37, 70, 9],
    [64, 33, 4],
  ] as const) {
    // prettier-ignore
    const [a, b] = [noise(rowsA * width, 1), noise(rowsB * width, 2)];
    t.ok(furthest(timesTransposed(a, b, width), plainProduct(a, b, width)) < 1e-12);
    t.ok(furthest(timesTransposed(a, a, width), plainProduct(a, a, width)) < 1e-12);
  }
});

t.test('systems with several right sides', async (t) => {
  const size = 13;
  const matrix = definite(size);
  const wanted = noise(size * 2, 3);
  const sides = Float64Array.from(
    plainProduct(
      matrix,
      Float64Array.from([0, 1].flatMap((c) => [...wanted.filter((_, i) => i % 2 === c)])),
      size,
    ),
  );
  t.ok(furthest(solve({ size, values: matrix }, sides, 2), wanted) < 1e-10);
});

t.test('what is not positive definite is refused', async (t) => {
  const values = Float64Array.of(1, 2, 2, 1);
  t.throws(() => cholesky({ size: 2, values }), /not positive definite \(row 1\)/);
});
