import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Stepper, openEngine } from '../../../models/engine/index.ts';
import type { Engine } from '../../../models/engine/index.ts';
import * as g from '../../../models/graph/index.ts';
import { Graph, mul, reduceSum, sizeOf, toOnnx } from '../../../models/graph/index.ts';
import { LEARNING_RATE, STEP, TrainingGraph, gradients, sgd } from '../../../models/graph/training/index.ts';
import { inferenceLayers, resnetFeatures } from '../../../models/networks/index.ts';
import { tuningStep } from '../../../models/networks/sound/pitch.ts';
import { initialState, trainingLayers } from '../../../models/networks/training/index.ts';
import type { GradientCase } from '../graph/helpers.ts';
import { floats, random, relativeError, runOnce } from '../graph/helpers.ts';
import { GRADIENT_CASES } from '../graph/training/gradient-cases.ts';

/** Vulkan drivers in software: that of Chromium, and Mesa's lavapipe. */
function softwareDrivers(): string[] {
  const mesa = '/usr/share/vulkan/icd.d';
  const lavapipe = existsSync(mesa) ? readdirSync(mesa).filter((name) => name.startsWith('lvp')) : [];
  const swiftshader = ['/usr/lib/chromium/vk_swiftshader_icd.json'];
  return [...swiftshader, ...lavapipe.map((name) => join(mesa, name))].filter((path) => existsSync(path));
}

/** Starts a session on webgpu in a process of its own: a process that once found no adapter never finds another. */
function hasAdapter(environment: NodeJS.ProcessEnv): boolean {
  const graph = new Graph();
  graph.output('y', g.exp(graph.input('x', [1])));
  const model = Buffer.from(toOnnx(graph)).toString('base64');
  const script = `require('onnxruntime-node').InferenceSession.create(
    Buffer.from('${model}', 'base64'), { executionProviders: ['webgpu'], logSeverityLevel: 4 },
  ).then(() => process.exit(0), () => process.exit(1))`;
  return spawnSync(process.execPath, ['-e', script], { env: environment }).status === 0;
}

let inSoftware = false;

async function openWebgpu(): Promise<Engine | null> {
  const choices = softwareDrivers().map((path) => ({ VK_DRIVER_FILES: path, VK_ICD_FILENAMES: path }));
  for (const choice of [{}, ...choices]) {
    if (!hasAdapter({ ...process.env, ...choice })) continue;
    Object.assign(process.env, choice);
    inSoftware = 'VK_DRIVER_FILES' in choice || process.env['VK_DRIVER_FILES'] !== undefined;
    return openEngine('webgpu');
  }
  return null;
}

// A GPU in software is slow, and a busy machine slower.
t.setTimeout(600_000);

const webgpu = await openWebgpu();
const cpu = await openEngine('cpu');
if (!webgpu) {
  const problem = 'no WebGPU adapter: install libvulkan1, and chromium or mesa-vulkan-drivers';
  if (process.env['CI'] === 'true') t.fail(problem);
  else t.comment(`skipped: ${problem}`);
}

function withGradients({ shapes, build }: GradientCase): Graph {
  const graph = new Graph('case', 'gpu');
  const inputs = shapes.map((shape, i) => graph.input(`x${i}`, shape));
  const y = build(graph, ...inputs);
  graph.output('y', y);
  const loss = reduceSum(mul(y, graph.constant('r', y.shape, random(sizeOf(y.shape), 99))));
  gradients(loss, inputs).forEach((gradient, i) => {
    graph.output(`dx${i}`, gradient);
  });
  return graph;
}

/**
 * Nearly all of the time goes into compiling the shaders of convolutions and pools for a GPU in software, one or two
 * seconds for each of these. They need no kernel of the provider that another case doesn't need too, only other
 * numbers; a real GPU runs them as well.
 */
const SAME_KERNELS = new Set([
  'conv [2,3,7,6] by [4,3,3,2] {"pads":[2,1,0,0]} for gpu',
  'conv [2,3,8,7] by [4,3,1,1] {} for gpu',
  'conv [2,3,9,9] by [4,3,3,3] {"pads":[3,3,3,3]} for gpu',
  'convTranspose',
  'maxPool 2×2/2',
  'maxPool 3×2/1',
  'maxPool 1×2/3',
]);

t.test('the names of the cases that a GPU in software leaves out are those of cases', async (t) => {
  const names = new Set(Object.values(GRADIENT_CASES).flat().map(({ name }) => name)); // prettier-ignore
  for (const name of SAME_KERNELS) t.ok(names.has(name), name);
});

t.test('the webgpu provider computes what the cpu does', { skip: !webgpu }, async (t) => {
  const cases = Object.values(GRADIENT_CASES)
    .flat()
    .filter(({ name, tunedFor }) => tunedFor !== 'cpu' && !(inSoftware && SAME_KERNELS.has(name)));
  for (const test of cases) {
    const graph = withGradients(test);
    const { spread = (value: number): number => value } = test;
    const feeds = Object.fromEntries(
      test.shapes.map((shape, i) => [
        `x${i}`,
        floats(shape, random(sizeOf(shape), i + 1).map((value) => spread(value, i))),
      ]),
    ); // prettier-ignore
    const expected = await runOnce(cpu, graph, feeds);
    const found = await runOnce(webgpu!, graph, feeds);
    for (const name of Object.keys(expected)) {
      const error = relativeError(found[name]!.data, expected[name]!.data);
      t.ok(error <= 1e-3, `${test.name}: ${name}, error ${error.toExponential(1)}`);
    }
  }
});

t.test('what has no gradient is computed on webgpu too', { skip: !webgpu }, async (t) => {
  const graph = new Graph('extremes', 'gpu');
  const x = graph.input('x', [3, 200]);
  graph.output('largest', g.topK(x, 5));
  graph.output('smallest', g.topK(x, 5, 'smallest'));
  graph.output('sorted', g.topK(x, 200));
  graph.output('floor', g.floor(g.mul(x, 10)));
  const feeds = { x: floats(x.shape, random(sizeOf(x.shape), 6)) };
  const [expected, found] = [await runOnce(cpu, graph, feeds), await runOnce(webgpu!, graph, feeds)];
  for (const name of Object.keys(expected)) t.same(found[name]!.data, expected[name]!.data, name);
});

t.test('the tuning of a clip is the same on webgpu', { skip: !webgpu }, async (t) => {
  const graph = new Graph('tuning', 'gpu');
  const magnitude = graph.input('magnitude', [1, 87, 1025]);
  graph.output('step', tuningStep(magnitude, 36));
  const noise = random(sizeOf(magnitude.shape), 4);
  const comb = noise.map((value, i) => Math.exp(-((((i % 1025) % 20.3) - 9) ** 2) / 4) * (1 + 0.3 * value));
  const feeds = { magnitude: floats(magnitude.shape, comb) };
  const [expected, found] = [await runOnce(cpu, graph, feeds), await runOnce(webgpu!, graph, feeds)];
  t.same([...found['step']!.data], [...expected['step']!.data]);
});

t.test('a network trains on webgpu as on the cpu', { skip: !webgpu }, async (t) => {
  const train = async (engine: Engine) => {
    const training = new TrainingGraph(new Graph('training', 'gpu'));
    const layers = trainingLayers(training);
    const x = training.graph.input('x', [4, 3, 17, 15]);
    const stem = g.relu(layers.convNorm(x, 'conv', 'bn', { channels: 8, kernel: 7, stride: 2 }));
    const pooled = g.maxPool(stem, { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
    const inner = g.relu(layers.convNorm(pooled, 'inner', 'norm', { channels: 16, kernel: 3 }));
    const y = layers.linear(g.reshape(g.globalAveragePool(inner), [4, 16]), 'fc', 5);
    const trainable = training.finish(g.reduceMean(g.square(g.sub(y, 1))), sgd({ momentum: 0.9 }));
    const stepper = new Stepper(await engine.load(training.graph), trainable, initialState(trainable, 1));
    const losses: number[] = [];
    for (let step = 1; step <= 5; step++) {
      const { loss } = await stepper.step({
        x: floats(x.shape, random(sizeOf(x.shape), step)),
        [LEARNING_RATE]: floats([], Float32Array.of(0.1)),
        [STEP]: floats([], Float32Array.of(step)),
      });
      losses.push(loss!.data[0]!);
    }
    return { losses, state: stepper.state };
  };
  const [expected, found] = [await train(cpu), await train(webgpu!)];
  t.ok(relativeError(found.losses, expected.losses) <= 1e-3, 'losses');
  for (const [name, values] of Object.entries(expected.state)) {
    t.ok(relativeError(found.state[name]!, values) <= 1e-3, name);
  }
});

/** Of the network that is computed, which has all of its layers with fewer channels. */
const NARROW = 8;

/** Names and shapes of the weights of ResNet-18, as its training graph takes them in. */
function parameterShapes(): { input: string; shape: g.Shape }[] {
  const training = new TrainingGraph(new Graph());
  resnetFeatures(trainingLayers(training), training.graph.input('x', [2, 3, 33, 33]), 18, NARROW);
  return [...training.graph.inputs]
    .filter(([name]) => name !== 'x')
    .map(([name, { shape }]) => ({ input: name, shape }));
}

t.test('ResNet-18 computes on webgpu what it does on the cpu', { skip: !webgpu }, async (t) => {
  const graph = new Graph('inference', 'gpu');
  const shapes = parameterShapes();
  const initial = initialState(shapes, 1);
  const weights = Object.fromEntries(
    shapes.map(({ input, shape }) => [
      input,
      { shape, data: initial[input] ?? new Float32Array(sizeOf(shape)) },
    ]),
  );
  const x = graph.input('x', [1, 3, 49, 33]);
  graph.output('y', resnetFeatures(inferenceLayers(graph, weights), x, 18, NARROW));
  const feeds = { x: floats(x.shape, random(sizeOf(x.shape), 3)) };
  const [expected, found] = [await runOnce(cpu, graph, feeds), await runOnce(webgpu!, graph, feeds)];
  t.ok(relativeError(found['y']!.data, expected['y']!.data) <= 1e-3);
});
