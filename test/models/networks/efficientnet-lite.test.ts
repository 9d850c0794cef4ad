import * as tf from '@tensorflow/tfjs';
import t from 'tap';
import { openEngine } from '../../../models/engine/index.ts';
import type { NamedValues } from '../../../models/engine/index.ts';
import { interpret } from '../../../models/engine/interpreter.ts';
import { Graph, mul, reduceMean, reduceSum, sizeOf, square } from '../../../models/graph/index.ts';
import type { Shape, Tensor } from '../../../models/graph/index.ts';
import { TrainingGraph, gradients, sgd } from '../../../models/graph/training/index.ts';
import {
  EFFICIENTNET_LITES,
  efficientNetLite,
  efficientNetLiteBlocks,
  inferenceLayers,
  invertedResidual,
} from '../../../models/networks/index.ts';
import type { Layers, Weights } from '../../../models/networks/index.ts';
import { evaluationLayers, trainingLayers } from '../../../models/networks/training/index.ts';
import { floats, random, relativeError, runOnce, toTf } from '../graph/helpers.ts';

const engine = await openEngine('cpu', { threads: 1 });

t.test('widths and shapes are those of the package', async (t) => {
  const parameters = EFFICIENTNET_LITES.map((variant) => {
    const graph = new Graph();
    const layers = evaluationLayers(graph);
    const { features, head } = efficientNetLite(layers, graph.input('x', [2, 3, 64, 96]), variant);
    t.same(features.shape, [2, efficientNetLiteBlocks(variant).reduce((sum, width) => sum + width, 0)]);
    t.same(head.shape, [2, 1280]);
    const shapes = new Map([...graph.inputs].map(([name, { shape }]) => [name, shape]));
    t.same(shapes.get('_conv_stem.weight'), [32, 3, 3, 3]);
    t.same(shapes.get('_blocks.0._depthwise_conv.weight'), [32, 1, 3, 3]);
    t.notOk(shapes.has('_blocks.0._expand_conv.weight'));
    const learnt = [...shapes].filter(([name]) => name !== 'x' && !name.includes('running'));
    return learnt.reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
  });
  // 4,652,008 and 6,092,072 with the classifier of 1000.
  t.same(parameters, [4_652_008 - 1_281_000, 6_092_072 - 1_281_000]);
});

/** A block on which everything is: expansion, depthwise convolution padded unevenly, narrowing, batch normalisation. */
function block(layers: Layers, x: Tensor): Tensor {
  const first = invertedResidual(layers, x, 'a', { kernel: 3, stride: 2, expansion: 2, channels: 4 });
  return invertedResidual(layers, first, 'b', { kernel: 5, stride: 1, expansion: 2, channels: 4 });
}

function shapesOf(build: (graph: Graph) => void): [string, Shape][] {
  const graph = new Graph();
  build(graph);
  return [...graph.inputs].filter(([name]) => name !== 'x').map(([name, { shape }]) => [name, shape]);
}

const INPUT = [2, 3, 8, 7];

const TRAINED = shapesOf((graph) => {
  block(trainingLayers(new TrainingGraph(graph)), graph.input('x', INPUT));
});

/** Kernels by formula, and normalisations that are not the identity. */
const WEIGHTS: Weights = Object.fromEntries(
  TRAINED.map(([name, shape], i) => {
    const data = random(sizeOf(shape), i + 1);
    const positive = name.includes('running_var') || (name.endsWith('.weight') && shape.length === 1);
    return [name, { shape, data: positive ? data.map((value) => 1 + 0.3 * value) : data }];
  }),
);

function fed(weights: Weights): NamedValues {
  return Object.fromEntries(
    Object.entries(weights).map(([name, { shape, data }]) => [name, floats(shape, data)]),
  );
}

t.test('gradients of inverted residual blocks in training equal those of tfjs', async (t) => {
  const learnt = TRAINED.map(([name]) => name).filter((name) => !name.includes('running'));
  const construct = (): { graph: Graph; loss: Tensor } => {
    const graph = new Graph();
    const y = block(trainingLayers(new TrainingGraph(graph)), graph.input('x', INPUT));
    return { graph, loss: reduceSum(mul(y, graph.constant('r', y.shape, random(sizeOf(y.shape), 99)))) };
  };
  const forward = construct();
  forward.graph.output('loss', forward.loss);
  const backward = construct();
  const inputs = ['x', ...learnt].map((name) => backward.graph.inputs.get(name)!);
  gradients(backward.loss, inputs).forEach((gradient, i) => {
    backward.graph.output(`d ${inputs[i]!.name}`, gradient);
  });
  const feeds = { x: floats(INPUT, random(sizeOf(INPUT), 5)), ...fed(WEIGHTS) };
  const found = await runOnce(engine, backward.graph, feeds);
  tf.tidy(() => {
    const values = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, toTf(value)]));
    const own = tf.grads((...given: tf.Tensor[]) => {
      const named = Object.fromEntries(inputs.map(({ name }, i) => [name, given[i]!]));
      return interpret(tf, forward.graph, { ...values, ...named })['loss']!;
    })(inputs.map(({ name }) => values[name]!));
    inputs.forEach(({ name }, i) => {
      const error = relativeError(found[`d ${name}`]!.data, own[i]!.dataSync());
      t.ok(error <= 1e-3, `${name}, error ${error.toExponential(1)}`);
    });
  });
});

t.test('in inference the batch normalisations are folded, and equal those of evaluation', async (t) => {
  const x = floats(INPUT, random(sizeOf(INPUT), 5));
  const folded = new Graph();
  folded.output('y', block(inferenceLayers(folded, WEIGHTS), folded.input('x', INPUT)));
  const apart = new Graph();
  apart.output('y', block(evaluationLayers(apart), apart.input('x', INPUT)));
  const expected = await runOnce(engine, apart, { x, ...fed(WEIGHTS) });
  const found = await runOnce(engine, folded, { x });
  t.same(found['y']!.shape, [2, 4, 4, 4]);
  t.ok(relativeError(found['y']!.data, expected['y']!.data) <= 1e-4);
});

t.test('a frozen beginning stays, the rest learns', async (t) => {
  const training = new TrainingGraph(new Graph());
  const layers = trainingLayers(training, {
    frozen: (name) => !name.startsWith('_blocks.15') && !name.startsWith('_conv_head'),
    fixedNorm: () => true,
  });
  const { head } = efficientNetLite(layers, training.graph.input('x', [2, 3, 32, 32]), 'lite0');
  const trainable = training.finish(reduceMean(square(head)), sgd()).map(({ input }) => input);
  t.ok(trainable.includes('_conv_head.weight') && trainable.includes('_blocks.15._project_conv.weight'));
  t.notOk(trainable.some((name) => name.startsWith('_blocks.14') || name.includes('running')));
});
