import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openEngine } from '../../../models/engine/index.ts';
import { concat, Graph, mul, reduceMean, reshape } from '../../../models/graph/index.ts';
import type { Model, ModelGraphs } from '../../../models/model/index.ts';
import { exportOnnx } from '../../../src/cli/export.ts';
import { failure } from '../../models/rejection.ts';
import { FORMULA_SIDE, formulaModel } from '../../support/formula-model.ts';

/** Two small graphs in the form that every model gives its own. */
function graphs(batch: number): ModelGraphs {
  const side = (name: string, input: string, shape: number[], scale: number): Graph => {
    const graph = new Graph(name);
    const x = graph.input(input, [batch, ...shape]);
    const flat = reshape(x, [batch, shape.reduce((product, extent) => product * extent)]);
    const mean = mul(reduceMean(flat, [1], true), graph.scalar(scale));
    graph.output('mood', concat([mean, mean], 1));
    graph.output(
      'embedding',
      concat(
        Array.from({ length: 512 }, () => mean),
        1,
      ),
    );
    return graph;
  };
  return {
    picture: side('picture', 'pixels', [FORMULA_SIDE, FORMULA_SIDE, 3], 1 / 255),
    music: side('music', 'features', [193, 87], 1),
  };
}

const model: Model = { ...formulaModel(), graphs: (batch) => Promise.resolve(graphs(batch)) };

t.test('what is written runs by itself, and is described', async (t) => {
  const folder = join(t.testdir({}), 'onnx');
  const summary = await exportOnnx(model, folder, 2);
  t.same((await readdir(folder)).sort(), ['README.md', 'export.json', 'music.onnx', 'picture.onnx']);
  t.same(JSON.parse(await readFile(join(folder, 'export.json'), 'utf8')), summary);
  t.match(summary, {
    model: model.fingerprint,
    sigma: 0.38,
    batch: 2,
    files: [
      {
        file: 'picture.onnx',
        inputs: [{ name: 'pixels', type: 'float32', shape: [2, FORMULA_SIDE, FORMULA_SIDE, 3] }],
      },
      { file: 'music.onnx', inputs: [{ name: 'features', type: 'float32', shape: [2, 193, 87] }] },
    ],
  });
  t.match(await readFile(join(folder, 'README.md'), 'utf8'), '`pixels` float32 [2, 8, 8, 3]');

  const engine = await openEngine('cpu', { threads: 1 });
  const session = await engine.load(await readFile(join(folder, 'picture.onnx')));
  const shape = [2, FORMULA_SIDE, FORMULA_SIDE, 3];
  const data = new Float32Array(2 * FORMULA_SIDE ** 2 * 3).map((_, i) => (i < 192 ? 51 : 255));
  const { mood } = await session.run({ pixels: { dtype: 'float32', shape, data } });
  t.same(
    Array.from(mood!.data as Float32Array, (value) => Math.round(value * 1e6) / 1e6),
    [0.2, 0.2, 1, 1],
  );
  await session.close();
});

t.test('nothing is overwritten, and nothing is left half-written', async (t) => {
  const folder = t.testdir({ full: { 'mine.txt': 'x' }, empty: {} });
  t.match(
    await failure('USAGE', () => exportOnnx(model, join(folder, 'full'), 1)),
    /full exists already and is not empty/,
  );
  await writeFile(join(folder, 'file'), '');
  t.match(await failure('USAGE', () => exportOnnx(model, join(folder, 'file'), 1)), /file is a file/);
  await exportOnnx(model, join(folder, 'empty'), 1);
  await failure('WRITE_FAILED', () => exportOnnx(model, join(folder, 'no', 'where'), 1));
  const failing: Model = { ...model, graphs: () => Promise.reject(new Error('no memory')) };
  await t.rejects(exportOnnx(failing, join(folder, 'new'), 1), { message: 'no memory' });
  t.same((await readdir(folder)).sort(), ['empty', 'file', 'full']);
});

t.test('a model that is not made of graphs', async (t) => {
  const folder = join(t.testdir({}), 'onnx');
  t.match(
    await failure('USAGE', () => exportOnnx(formulaModel(), folder, 1)),
    /architecture formula is not made of graphs/,
  );
});
