import t from 'tap';
import { openEngine } from '../../../../models/engine/index.ts';
import * as g from '../../../../models/graph/index.ts';
import { Graph } from '../../../../models/graph/index.ts';
import type { Tensor } from '../../../../models/graph/index.ts';
import { gradients, trainBatchNorm } from '../../../../models/graph/training/index.ts';
import { checkGradient } from '../helpers.ts';
import { GRADIENT_CASES } from './gradient-cases.ts';

const engine = await openEngine('cpu', { threads: 2 });

for (const [group, cases] of Object.entries(GRADIENT_CASES)) {
  t.test(`gradients: ${group}`, async (t) => {
    for (const test of cases) await checkGradient(t, engine, test);
  });
}

t.test('the first of tied elements takes the gradient of a maximum', async (t) => {
  const graph = new Graph();
  const x = graph.input('x', [1, 1, 3, 3]);
  const pooled = g.maxPool(x, { kernel: [2, 2], strides: [1, 1] });
  graph.output('dx', gradients(g.reduceSum(pooled), [x])[0]!);
  const session = await engine.load(graph);
  const zeros = { dtype: 'float32', shape: [1, 1, 3, 3], data: new Float32Array(9) } as const;
  const { dx } = await session.run({ x: zeros });
  t.same([...dx!.data], [1, 1, 0, 1, 1, 0, 0, 0, 0]);
});

t.test('a gradient can be differentiated again', async (t) => {
  await checkGradient(t, engine, {
    name: 'second derivative',
    shapes: [[5]],
    build: (_, x) => gradients(g.reduceSum(g.pow(x, 3)), [x])[0]!,
  });
  await checkGradient(t, engine, {
    name: 'second derivative of batch normalisation',
    shapes: [
      [3, 2, 3, 2],
      [3, 2, 3, 2],
    ],
    build: (graph, x, r) => {
      const [weight, bias] = [Float32Array.of(1.5, -0.5), Float32Array.of(0.5, 0)].map((values) =>
        graph.constant(graph.unusedName('vector'), [2], values),
      ) as [Tensor, Tensor];
      const state = { weight, bias, runningMean: bias, runningVar: weight };
      return gradients(g.reduceSum(g.mul(trainBatchNorm(x, state).output, r)), [x])[0]!;
    },
  });
});

t.test('a gradient that cannot be is refused', async (t) => {
  const graph = new Graph();
  const x = graph.input('x', [2, 3]);
  const other = graph.input('other', [2]);
  t.throws(() => gradients(g.relu(x), [x]), { message: /Relu_1" \[2, 3\].*a loss is one number/u });
  t.throws(() => gradients(g.reduceSum(x), [other]), {
    message: /no gradient with respect to "other" \[2\]/u,
  });
});
