import * as tf from '@tensorflow/tfjs';
import t from 'tap';
import { Stepper, openEngine } from '../../../../models/engine/index.ts';
import type { NamedValues } from '../../../../models/engine/index.ts';
import { interpret } from '../../../../models/engine/interpreter.ts';
import * as g from '../../../../models/graph/index.ts';
import { Graph } from '../../../../models/graph/index.ts';
import {
  LEARNING_RATE,
  STEP,
  TrainingGraph,
  adamW,
  dropout,
  dropoutMask,
  sgd,
  trainBatchNorm,
} from '../../../../models/graph/training/index.ts';
import type { Optimiser } from '../../../../models/graph/training/index.ts';
import { checkGradient, floats, random, relativeError, toTf } from '../helpers.ts';

const engine = await openEngine('cpu', { threads: 2 });

function scalars(learningRate: number, step: number): NamedValues {
  return {
    [LEARNING_RATE]: floats([], Float32Array.of(learningRate)),
    [STEP]: floats([], Float32Array.of(step)),
  };
}

t.test('batch normalisation: gradients', async (t) => {
  for (const shape of [
    [4, 3, 5, 2],
    [8, 3],
  ]) {
    await checkGradient(t, engine, {
      name: `training-mode batch normalisation of [${shape.join()}]`,
      shapes: [shape, [3], [3]],
      build: (graph, x, weight, bias) => {
        const zeros = graph.constant('zeros', [3], new Float32Array(3));
        const state = { weight: weight, bias: bias, runningMean: zeros, runningVar: zeros };
        return trainBatchNorm(x, state).output;
      },
    });
  }
  await checkGradient(t, engine, {
    name: 'batch normalisation by running statistics',
    shapes: [[4, 3, 5, 2], [3], [3], [3], [3]],
    build: (_, x, weight, bias, runningMean, runningVar) =>
      g.batchNorm(x, { weight: weight, bias: bias, runningMean: runningMean, runningVar: runningVar }),
    spread: (value, input) => (input === 4 ? 1.5 + value : value),
  });
});

t.test('batch normalisation: values and running statistics are those of torch.nn.BatchNorm1d', async (t) => {
  // x = [[1, 2], [3, 6], [5, 4], [7, 0]]: means 4 and 3, biased variances 5 and 5, unbiased 20/3.
  const graph = new Graph();
  const vector = (name: string, a: number, b: number): g.Tensor =>
    graph.constant(name, [2], Float32Array.of(a, b));
  const result = trainBatchNorm(graph.input('x', [4, 2]), {
    weight: vector('weight', 2, 1),
    bias: vector('bias', 0.5, 0),
    runningMean: vector('mean', 1, 2),
    runningVar: vector('variance', 1, 3),
  });
  graph.output('y', result.output);
  graph.output('mean:next', result.runningMean);
  graph.output('variance:next', result.runningVar);
  const session = await engine.load(graph);
  const found = await session.run({ x: floats([4, 2], Float32Array.of(1, 2, 3, 6, 5, 4, 7, 0)) });
  const root = Math.sqrt(5 + 1e-5);
  const expected = [1, 2, 3, 6, 5, 4, 7, 0].map((value, i) =>
    i % 2 === 0 ? (2 * (value - 4)) / root + 0.5 : (value - 3) / root,
  );
  t.ok(relativeError(found['y']!.data, expected) < 1e-6);
  t.ok(relativeError(found['mean:next']!.data, [0.9 + 0.4, 1.8 + 0.3]) < 1e-6);
  t.ok(relativeError(found['variance:next']!.data, [0.9 + 2 / 3, 2.7 + 2 / 3]) < 1e-6);
});

/** Trains w towards loss = mean((w − target)²) and gives w after each step. */
async function trajectory(optimiser: Optimiser, steps: number): Promise<number[][]> {
  const training = new TrainingGraph(new Graph());
  const w = training.parameter('w', [3], { decays: true });
  const target = training.graph.constant('target', [3], Float32Array.of(1, -2, 0.5));
  const trainable = training.finish(g.reduceMean(g.square(g.sub(w, target))), optimiser);
  const stepper = new Stepper(await engine.load(training.graph), trainable, {
    w: Float32Array.of(0.3, 0.2, -1),
  });
  const path: number[][] = [];
  for (let i = 1; i <= steps; i++) {
    await stepper.step(scalars(0.1 / i, i));
    path.push([...stepper.state['w']!]);
  }
  return path;
}

const gradientOf = (w: readonly number[]): number[] =>
  w.map((value, i) => (2 / 3) * (value - [1, -2, 0.5][i]!));

t.test('SGD follows its formula', async (t) => {
  for (const nesterov of [false, true]) {
    const found = await trajectory(sgd({ momentum: 0.9, weightDecay: 0.05, nesterov }), 6);
    let w = [0.3, 0.2, -1];
    let v = [0, 0, 0];
    found.forEach((values, i) => {
      const gradient = gradientOf(w).map((value, k) => value + 0.05 * w[k]!);
      v = v.map((value, k) => 0.9 * value + gradient[k]!);
      w = w.map((value, k) => value - (0.1 / (i + 1)) * (nesterov ? gradient[k]! + 0.9 * v[k]! : v[k]!));
      t.ok(relativeError(values, w) < 1e-5, `${nesterov ? 'Nesterov, ' : ''}step ${i + 1}`);
    });
  }
  const plain = await trajectory(sgd(), 1);
  t.ok(relativeError(plain[0]!, gradientOf([0.3, 0.2, -1]).map((value, k) => [0.3, 0.2, -1][k]! - 0.1 * value)) < 1e-6, 'without momentum'); // prettier-ignore
});

t.test('AdamW follows its formula', async (t) => {
  const found = await trajectory(adamW({ weightDecay: 0.1 }), 6);
  let w = [0.3, 0.2, -1];
  let m = [0, 0, 0];
  let v = [0, 0, 0];
  found.forEach((values, i) => {
    const [step, rate] = [i + 1, 0.1 / (i + 1)];
    const gradient = gradientOf(w);
    m = m.map((value, k) => 0.9 * value + 0.1 * gradient[k]!);
    v = v.map((value, k) => 0.999 * value + 0.001 * gradient[k]! ** 2);
    w = w.map((value, k) => {
      const root = Math.sqrt(v[k]! / (1 - 0.999 ** step)) + 1e-8;
      return value * (1 - rate * 0.1) - (rate * (m[k]! / (1 - 0.9 ** step))) / root;
    });
    t.ok(relativeError(values, w) < 1e-4, `step ${step}`);
  });
});

t.test('weight decay leaves vectors alone, and frozen parameters stay', async (t) => {
  const training = new TrainingGraph(new Graph());
  const matrix = training.parameter('matrix', [1, 2]);
  const vector = training.parameter('vector', [2]);
  const frozen = training.parameter('frozen', [2], { frozen: true });
  t.equal(training.parameter('vector', [2]), vector, 'one name is one parameter');
  const silent = g.reduceSum(g.mul(g.add(g.add(matrix, vector), frozen), 0));
  const trainable = training.finish(silent, sgd({ weightDecay: 1 }));
  t.same(trainable.map(({ input }) => input), ['matrix', 'vector']); // prettier-ignore
  const ones = { matrix: Float32Array.of(1, 1), vector: Float32Array.of(1, 1) };
  const stepper = new Stepper(await engine.load(training.graph), trainable, ones);
  await stepper.step({ ...scalars(0.5, 1), frozen: floats([2], Float32Array.of(1, 1)) });
  t.same([...stepper.state['matrix']!], [0.5, 0.5]);
  t.same([...stepper.state['vector']!], [1, 1]);
  t.throws(() => new TrainingGraph(new Graph()).finish(silent, sgd()), { message: /not frozen/u });
});

/** conv – batch norm – relu – max pool – dropout – matrix, with two classes' worth of outputs. */
function smallNet(training: TrainingGraph): g.Tensor {
  const { graph } = training;
  const x = graph.input('x', [6, 2, 9, 8]);
  const hidden = g.relu(
    training.batchNorm(
      'bn',
      g.conv(x, training.parameter('conv', [4, 2, 3, 3]), { pads: [1, 1, 1, 1], strides: [1, 1] }),
    ),
  );
  const pooled = g.maxPool(hidden, { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  const features = g.reshape(g.globalAveragePool(pooled), [6, 4]);
  const { output } = dropout(features, 'mask', 0.5);
  const y = g.sigmoid(g.gemm(output, training.parameter('fc', [3, 4]), { transposeB: true }));
  return g.reduceMean(g.square(g.sub(y, graph.input('target', [6, 3]))));
}

function batch(step: number): NamedValues {
  return {
    x: floats([6, 2, 9, 8], random(6 * 2 * 9 * 8, step)),
    target: floats([6, 3], random(18, step + 50)),
    mask: floats([6, 4], dropoutMask(3, step, 'mask', [6, 4], 0.5)),
  };
}

function start(): Record<string, Float32Array> {
  return {
    conv: random(72, 1),
    fc: random(12, 2),
    'bn.weight': Float32Array.of(1, 0.5, 1.5, 1),
    'bn.bias': random(4, 3),
    'bn.running_var': Float32Array.of(1, 1, 1, 1),
  };
}

async function train(steps: number): Promise<{ losses: number[]; state: Record<string, Float32Array> }> {
  const training = new TrainingGraph(new Graph());
  const trainable = training.finish(smallNet(training), sgd({ momentum: 0.9 }));
  const stepper = new Stepper(await engine.load(training.graph), trainable, start());
  const losses: number[] = [];
  for (let i = 1; i <= steps; i++) {
    const { loss } = await stepper.step({ ...batch(i), ...scalars(0.5, i) });
    losses.push(loss!.data[0]!);
  }
  return { losses, state: { ...stepper.state } };
}

t.test('a small network trained by the graph equals one trained by tfjs', async (t) => {
  const { losses, state } = await train(8);
  const training = new TrainingGraph(new Graph());
  const { graph } = training;
  graph.output('loss', smallNet(training));
  const names = ['conv', 'fc', 'bn.weight', 'bn.bias'];
  const shapes = names.map((name) => [...graph.inputs.get(name)!.shape]);
  let weights = names.map((name, i) => tf.tensor(start()[name]!, shapes[i]));
  let velocities = shapes.map((shape) => tf.zeros(shape));
  const running = { 'bn.running_mean': tf.zeros([4]), 'bn.running_var': tf.ones([4]) };
  for (let i = 1; i <= 8; i++) {
    const feeds = Object.fromEntries(Object.entries(batch(i)).map(([name, value]) => [name, toTf(value)]));
    const loss = (...ws: tf.Tensor[]): tf.Scalar => {
      const named = Object.fromEntries(names.map((name, k) => [name, ws[k]!]));
      return interpret(tf, graph, { ...feeds, ...named, ...running })['loss'] as tf.Scalar;
    };
    t.ok(Math.abs(loss(...weights).dataSync()[0]! - losses[i - 1]!) < 1e-5, `loss of step ${i}`);
    const derived = tf.grads(loss)(weights);
    velocities = velocities.map((v, k) => tf.add(tf.mul(v, 0.9), derived[k]!));
    weights = weights.map((w, k) => tf.sub(w, tf.mul(velocities[k]!, 0.5)));
  }
  names.forEach((name, k) => {
    t.ok(relativeError(state[name]!, weights[k]!.dataSync()) < 1e-4, `${name} after the last step`);
  });
});

t.test('training is deterministic', async (t) => {
  const [first, second] = [await train(4), await train(4)];
  t.same(first, second);
});

t.test('dropout masks depend on seed, step and name, and keep the mean', async (t) => {
  const mask = (seed: number, step: number, name: string): number[] => [
    ...dropoutMask(seed, step, name, [100, 100], 0.3),
  ];
  const one = mask(1, 1, 'a');
  t.same(one, mask(1, 1, 'a'));
  t.notSame(one, mask(2, 1, 'a'));
  t.notSame(one, mask(1, 2, 'a'));
  t.notSame(one, mask(1, 1, 'b'));
  t.same(new Set(one), new Set([0, Math.fround(1 / 0.7)]));
  const mean = one.reduce((sum, value) => sum + value, 0) / one.length;
  t.ok(Math.abs(mean - 1) < 0.03, `mean ${mean}`);
});
