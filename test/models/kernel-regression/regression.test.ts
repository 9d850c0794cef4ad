import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import t from 'tap';
import { openEngine } from '../../../models/engine/index.ts';
import { coordinatesOf, fitFeatureMap, kernelMatrix } from '../../../models/kernel-regression/feature-map.ts';
import { principalComponents } from '../../../models/kernel-regression/principal-components.ts';
import { KernelRidge } from '../../../models/kernel-regression/ridge.ts';
import { noise } from './numbers.ts';

const engine = await openEngine('cpu', { threads: 1 });

const WIDTH = 12;
const BLOCKS = [{ width: 8, weight: 1 }, { width: 4, weight: 0.5 }]; // prettier-ignore

/** Rows whose first columns are mixtures of three numbers, so that few components hold most. */
function rowsOf(count: number, seed: number): Float32Array[] {
  const numbers = noise(count * (3 + WIDTH), seed);
  return Array.from({ length: count }, (_, r) => {
    const own = numbers.subarray(r * (3 + WIDTH), (r + 1) * (3 + WIDTH));
    return Float32Array.from({ length: WIDTH }, (_, c) => own[c % 3]! * (c + 1) + 0.3 * own[3 + c]!);
  });
}

function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

t.test('components are those of all eigenvectors', async (t) => {
  const n = 60;
  const rows = Float64Array.from(rowsOf(n, 1).flatMap((row) => [...row]));
  for (let c = 0; c < WIDTH; c++) {
    let mean = 0;
    for (let r = 0; r < n; r++) mean += rows[r * WIDTH + c]! / n;
    for (let r = 0; r < n; r++) rows[r * WIDTH + c]! -= mean;
  }
  const { count, directions } = await principalComponents(engine, Float32Array.from(rows), WIDTH, 3);
  t.equal(count, 3);
  const matrix = Matrix.from1DArray(n, WIDTH, rows);
  const covariance = matrix.transpose().mmul(matrix);
  const exact = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const best = exact.realEigenvalues.map((value, i) => ({ value, i })).sort((a, b) => b.value - a.value);
  for (let k = 0; k < count; k++) {
    const wanted = exact.eigenvectorMatrix.getColumn(best[k]!.i);
    const found = directions.subarray(k * WIDTH, (k + 1) * WIDTH);
    const product = wanted.reduce((sum, value, c) => sum + value * found[c]!, 0);
    t.ok(Math.abs(Math.abs(product) - 1) < 1e-6, `component ${k}`);
  }
});

t.test('rows that span less give fewer components', async (t) => {
  const rows = Float32Array.of(1, 2, -1, -2, 2, 4, -2, -4);
  t.equal((await principalComponents(engine, rows, 2, 2)).count, 1);
});

t.test('distances of coordinates and their rest are those of all columns, and 1 in the mean', async (t) => {
  const rows = rowsOf(80, 2);
  const all = await fitFeatureMap(engine, rows, { blocks: BLOCKS, limit: 100, components: WIDTH });
  const few = await fitFeatureMap(engine, rows, { blocks: BLOCKS, limit: 100, components: 3 });
  const exact = await coordinatesOf(engine, all, rows);
  const kernels = [exact, await coordinatesOf(engine, few, rows)].map((of) => kernelMatrix(of, 1));
  let sum = 0;
  let most = 0;
  for (let i = 0; i < rows.length; i++) {
    t.equal(kernels[1]![i * rows.length + i], 1);
    for (let j = 0; j < rows.length; j++) {
      const at = (r: number) => exact.values.subarray(r * exact.size, (r + 1) * exact.size);
      sum += squaredDistance(at(i), at(j)) / rows.length ** 2;
      most = Math.max(most, Math.abs(kernels[0]![i * rows.length + j]! - kernels[1]![i * rows.length + j]!));
    }
  }
  t.ok(Math.abs(sum - 1) < 0.01, `mean squared distance ${sum}`);
  t.ok(most < 0.1, `the kernel with few components is off by at most ${most}`);
});

t.test('half precision moves the kernel by less than a thousandth', async (t) => {
  const rows = rowsOf(40, 6);
  const map = await fitFeatureMap(engine, rows, { blocks: BLOCKS, limit: 100, components: 5 });
  const kernel = kernelMatrix(await coordinatesOf(engine, map, rows), 1);
  const scaled = rows.map((row) => row.map((value, c) => (value - map.mean[c]!) * map.scale[c]!));
  const pairs = rows.flatMap((_, i) => rows.slice(0, i).map((__, j) => ({ i, j })));
  // Of what the components leave out no more than the lengths are known, so that only the kept part can be compared.
  const { values, size, rest } = await coordinatesOf(engine, map, rows);
  const exact = await principalComponents(
    engine,
    Float32Array.from(scaled.flatMap((row) => [...row.map((value, c) => value - map.centre[c]!)])),
    WIDTH,
    5,
  );
  t.equal(exact.count, size);
  const coordinate = (row: Float32Array, k: number): number =>
    row.reduce((sum, value, c) => sum + (value - map.centre[c]!) * exact.directions[k * WIDTH + c]!, 0);
  const exactly = scaled.map((row) => Array.from({ length: size }, (_, k) => coordinate(row, k)));
  for (const { i, j } of pairs) {
    const distance = squaredDistance(exactly[i]!, exactly[j]!) + rest[i]! + rest[j]!;
    t.ok(Math.abs(kernel[i * rows.length + j]! - Math.exp(-distance)) < 1e-3, `${i}, ${j}`);
  }
  t.equal(values.length, rows.length * size);
});

t.test('one odd number sets nothing apart', async (t) => {
  const rows = rowsOf(50, 3);
  const map = await fitFeatureMap(engine, rows, { blocks: BLOCKS, limit: 3, components: WIDTH });
  const odd = Float32Array.from(rows[0]!);
  odd[5] = 1e9;
  const { values, size, rest } = await coordinatesOf(engine, map, [rows[0]!, odd]);
  const distance = squaredDistance(values.subarray(0, size), values.subarray(size)) + rest[0]! + rest[1]!;
  t.ok(distance < 1, `at a squared distance of ${distance}`);
});

t.test('leaving folds out equals training without them', async (t) => {
  const rows = rowsOf(40, 4);
  const map = await fitFeatureMap(engine, rows, { blocks: BLOCKS, limit: 5, components: 6 });
  const coordinates = await coordinatesOf(engine, map, rows);
  const kernel = kernelMatrix(coordinates, 0.7);
  const targets = noise(rows.length, 5);
  const weights = Float64Array.from(rows, (_, i) => (i % 3 === 0 ? 0.2 : 1));
  const folds = Int32Array.from(rows, (_, i) => (i < 4 ? -1 : i % 5));
  const whole = new KernelRidge(kernel.slice(), weights, 0.1);
  const leftOut = whole.leftOut(targets, folds);
  t.same(leftOut.subarray(0, 4), targets.subarray(0, 4), 'what is in no fold stays');

  for (let fold = 0; fold < 5; fold++) {
    const kept = rows.flatMap((_, i) => (folds[i] === fold ? [] : [i]));
    const part = Float64Array.from(kept.flatMap((i) => kept.map((j) => kernel[i * rows.length + j]!)));
    const trained = new KernelRidge(
      part,
      Float64Array.from(kept, (i) => weights[i]!),
      0.1,
    );
    const coefficients = trained.coefficients(Float64Array.from(kept, (i) => targets[i]!));
    rows.forEach((_, i) => {
      if (folds[i] !== fold) return;
      const predicted = kept.reduce((sum, j, k) => sum + kernel[i * rows.length + j]! * coefficients[k]!, 0);
      t.ok(Math.abs(predicted - leftOut[i]!) < 1e-9, `row ${i}`);
    });
  }
});
