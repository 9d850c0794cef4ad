import * as tf from '@tensorflow/tfjs';
import t from 'tap';
import { openEngine } from '../../../models/engine/index.ts';
import { interpret } from '../../../models/engine/interpreter.ts';
import { Graph, reduceMean, sizeOf, square, sub } from '../../../models/graph/index.ts';
import type { Shape, Tensor } from '../../../models/graph/index.ts';
import { TrainingGraph, gradients, sgd } from '../../../models/graph/training/index.ts';
import { inferenceLayers, resnet, resnetFeatures } from '../../../models/networks/index.ts';
import type { Layers, ResNetDepth, Weights } from '../../../models/networks/index.ts';
import { initialState, trainingLayers } from '../../../models/networks/training/index.ts';
import { floats, random, relativeError, runOnce, toTf } from '../graph/helpers.ts';

// Plain JavaScript is slow, and a busy machine slower.
t.setTimeout(600_000);

const engine = await openEngine('cpu', { threads: 2 });

/** Of networks that are computed, so that it takes little: all of the layers, with fewer channels. */
const NARROW = 8;

interface Built {
  readonly graph: Graph;
  readonly loss: Tensor;
  /** Shapes of parameters and running statistics. */
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** As `resnet` with 5 outputs, of another width. */
function narrowResnet(layers: Layers, x: Tensor, depth: ResNetDepth, width: number): Tensor {
  return layers.linear(resnetFeatures(layers, x, depth, width), 'fc', 5);
}

/** A network in training with a squared loss, [batch, 3, height, width] in, 5 numbers out. */
function build(depth: ResNetDepth, input: Shape, width?: number): Built {
  const graph = new Graph();
  const training = new TrainingGraph(graph);
  const [layers, x] = [trainingLayers(training), graph.input('x', input)];
  const y = width === undefined ? resnet(layers, x, depth, 5) : narrowResnet(layers, x, depth, width);
  const loss = reduceMean(square(sub(y, graph.input('target', y.shape))));
  const shapes = Object.fromEntries([...graph.inputs].map(([name, { shape }]) => [name, shape]));
  delete shapes['x'];
  delete shapes['target'];
  return { graph, loss, shapes };
}

/** Weights with life in them: running statistics and normalisations that are not the identity. */
function lively(shapes: Readonly<Record<string, Shape>>): Weights {
  const trainable = Object.entries(shapes).map(([input, shape]) => ({ input, shape }));
  const initial = initialState(trainable, 1);
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape], i) => {
      const noise = random(sizeOf(shape), i + 1);
      const data = noise.map(
        (value, k) => (initial[name]?.[k] ?? 0) + (shape.length === 1 ? 0.2 * value : 0),
      );
      return [name, { shape, data }];
    }),
  );
}

t.test('names and shapes are those of torchvision', async (t) => {
  const names18 = build(18, [2, 3, 33, 33]).shapes;
  t.equal(Object.keys(names18).length, 20 * 5 + 2);
  t.same(names18['conv1.weight'], [64, 3, 7, 7]);
  t.same(names18['layer2.0.downsample.0.weight'], [128, 64, 1, 1]);
  t.same(names18['layer2.0.downsample.1.running_var'], [128]);
  t.same(names18['layer4.1.conv2.weight'], [512, 512, 3, 3]);
  t.same(names18['fc.weight'], [5, 512]);
  const names50 = build(50, [2, 3, 33, 33]).shapes;
  t.equal(Object.keys(names50).length, 53 * 5 + 2);
  t.same(names50['layer1.0.conv3.weight'], [256, 64, 1, 1]);
  t.same(names50['layer3.5.conv2.weight'], [256, 256, 3, 3]);
  t.same(names50['layer4.0.downsample.0.weight'], [2048, 1024, 1, 1]);
  t.same(names50['fc.weight'], [5, 2048]);
  const count = (shapes: Readonly<Record<string, Shape>>): number =>
    Object.entries(shapes).reduce(
      (sum, [name, shape]) => sum + (name.includes('running') ? 0 : sizeOf(shape)),
      0,
    );
  // torchvision's 11,689,512 and 25,557,032 have 1000 outputs.
  t.equal(count(names18) + 995 * 513, 11_689_512);
  t.equal(count(names50) + 995 * 2049, 25_557_032);
});

t.test('ResNet-18 with batch normalisation: gradients equal those of tfjs', async (t) => {
  // So few activations that none lies within a rounding error of the kink of a ReLU.
  const input = [2, 3, 33, 33];
  const { graph, loss, shapes } = build(18, input, NARROW);
  const weights = lively(shapes);
  const learnt = Object.keys(shapes).filter((name) => !name.includes('running'));
  const feeds = {
    x: floats(input, random(sizeOf(input), 5)),
    target: floats([2, 5], random(10, 6)),
    ...Object.fromEntries(
      Object.entries(weights).map(([name, { shape, data }]) => [name, floats(shape, data)]),
    ),
  };
  const forward = build(18, input, NARROW);
  forward.graph.output('loss', forward.loss);
  gradients(
    loss,
    learnt.map((name) => graph.inputs.get(name)!),
  ).forEach((gradient, i) => {
    graph.output(`d ${learnt[i]!}`, gradient);
  });
  const found = await runOnce(engine, graph, feeds);
  tf.tidy(() => {
    const fed = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, toTf(value)]));
    const own = tf.grads((...ws: tf.Tensor[]) => {
      const named = Object.fromEntries(learnt.map((name, i) => [name, ws[i]!]));
      return interpret(tf, forward.graph, { ...fed, ...named })['loss']!;
    })(learnt.map((name) => fed[name]!));
    learnt.forEach((name, i) => {
      const error = relativeError(found[`d ${name}`]!.data, own[i]!.dataSync());
      t.ok(error <= 1e-3, `${name}, error ${error.toExponential(1)}`);
    });
  });
});

for (const depth of [18, 50] as const) {
  t.test(`ResNet-${depth} in inference, folded, equals tfjs on the same graph`, async (t) => {
    const input = [1, 3, 33, 33];
    const weights = lively(build(depth, [2, 3, 33, 33], NARROW).shapes);
    const graph = new Graph();
    const layers = inferenceLayers(graph, weights);
    graph.output('y', narrowResnet(layers, graph.input('x', input), depth, NARROW));
    const x = floats(input, random(sizeOf(input), 5));
    const found = await runOnce(engine, graph, { x });
    const expected = interpret(tf, graph, { x: toTf(x) })['y']!;
    t.ok(relativeError(found['y']!.data, expected.dataSync()) <= 1e-4);
  });
}

t.test('the features of a ResNet are its pooled last stage', async (t) => {
  for (const [depth, width] of [
    [18, 512],
    [50, 2048],
  ] as const) {
    const training = new TrainingGraph(new Graph());
    const x = training.graph.input('x', [2, 3, 193, 87]);
    t.same(resnetFeatures(trainingLayers(training), x, depth).shape, [2, width]);
  }
});

t.test('weights of another network are refused by name', async (t) => {
  const { shapes } = build(18, [2, 3, 33, 33]);
  const weights = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { shape, data: new Float32Array(sizeOf(shape)) }]),
  );
  const make = (given: Weights, depth: ResNetDepth): unknown => {
    const graph = new Graph();
    return resnet(inferenceLayers(graph, given), graph.input('x', [1, 3, 33, 33]), depth, 5);
  };
  t.throws(() => make(weights, 50), {
    code: 'OTHER_ARCHITECTURE',
    message: /layer1\.0\.conv1\.weight is \[64, 64, 3, 3\], but the network has \[64, 64, 1, 1\]/u,
  });
  const torn = Object.fromEntries(Object.entries(weights).filter(([name]) => name !== 'bn1.bias'));
  t.throws(() => make(torn, 18), { code: 'OTHER_ARCHITECTURE', message: /bn1\.bias is missing/u });
});

t.test('frozen parameters do not evolve', async (t) => {
  const training = new TrainingGraph(new Graph());
  const layers = trainingLayers(training, { frozen: (name) => !name.startsWith('fc.') });
  const y = resnet(layers, training.graph.input('x', [2, 3, 33, 33]), 18, 5);
  const trainable = training.finish(reduceMean(square(y)), sgd());
  const learnt = trainable.map(({ input }) => input).filter((name) => !name.includes('running'));
  t.same(learnt.sort(), ['fc.bias', 'fc.weight']);
});
