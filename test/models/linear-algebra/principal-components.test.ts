import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import t from 'tap';
import { openEngine } from '../../../models/engine/index.ts';
import { principalComponents } from '../../../models/linear-algebra/principal-components.ts';
import { WIDTH, rowsOf } from '../training/on-encoders/numbers.ts';

const engine = await openEngine('cpu', { threads: 1 });

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
