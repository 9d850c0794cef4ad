import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import t from 'tap';
import { openEngine } from '../../../models/engine/index.ts';
import type { NamedValues } from '../../../models/engine/index.ts';
import { Graph, TrainingGraph, add, reduceMean, sgd, square } from '../../../models/graph/index.ts';
import type { Shape, Tensor } from '../../../models/graph/index.ts';
import {
  INCEPTION_SIDE,
  MIXED_CHANNELS,
  MIXED_LAYERS,
  PictureTrunk,
  inceptionFeatures,
  inferenceLayers,
  nsfwjsWeights,
  pixelPlanes,
  pooledStatistics,
  trainingLayers,
  unsafeHead,
} from '../../../models/networks/index.ts';
import { floats, random, relativeError, runOnce } from '../graph/helpers.ts';

// The independent check runs in plain JavaScript: about 25 s for a picture, and longer on a busy machine.
t.setTimeout(600_000);

const engine = await openEngine('cpu', { threads: 2 });
const weights = await nsfwjsWeights();

/** Waves of several lengths and colours, with an edge: [side, side, 3], 0..255. */
function waves(side: number, seed: number): Uint8Array {
  return Uint8Array.from({ length: side * side * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side), i % 3];
    const wave = Math.sin((x * (seed + c)) / 17) + Math.cos((y * (seed + 2 * c)) / 29 + x / 40);
    return 127 + 50 * wave + (x > y ? 25 : -25);
  });
}

interface KerasArtifacts {
  modelTopology: { model_config: { config: { layers: KerasLayer[]; output_layers: unknown } } };
  weightsManifest: { paths: string[]; weights: tf.io.WeightsManifestEntry[] }[];
}
interface KerasLayer {
  name: string;
  config: { batch_input_shape?: (number | null)[] };
}

/**
 * The model of the package, read apart from our reader and run by TensorFlow.js.
 * @param side null leaves the model as it is; else it ends at mixed10 and takes pictures of that size
 */
async function kerasModel(side: number | null): Promise<tf.LayersModel> {
  const require = createRequire(import.meta.url);
  const folder = join(dirname(require.resolve('nsfwjs')), '../models/inception_v3');
  const { modelTopology, weightsManifest } = require(join(folder, 'model.min.js')) as KerasArtifacts;
  const topology = structuredClone(modelTopology);
  let specs = weightsManifest.flatMap(({ weights: entries }) => entries);
  if (side !== null) {
    const { config } = topology.model_config;
    config.layers = config.layers.slice(0, config.layers.findIndex(({ name }) => name === 'mixed10') + 1);
    config.layers[0]!.config.batch_input_shape = [null, side, side, 3];
    config.output_layers = [['mixed10', 0, 0]];
    // The head's weights lie behind all others.
    specs = specs.filter(({ name }) => !name.startsWith('dense'));
  }
  const shards = weightsManifest[0]!.paths.map((path) =>
    Buffer.from(require(join(folder, `${path}.min.js`)) as string, 'base64'),
  );
  const size = specs.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const weightData = new Uint8Array(Buffer.concat(shards)).buffer.slice(0, size);
  return tf.loadLayersModel(tf.io.fromMemory({ modelTopology: topology, weightSpecs: specs, weightData }));
}

/** All mixed layers, [1, channels, height, width], and what follows them: the classes, or nothing in a cut model. */
function runKeras(model: tf.LayersModel, pixels: Uint8Array, side: number) {
  return tf.tidy(() => {
    const layers = MIXED_LAYERS.map((name) => model.getLayer(name).output as tf.SymbolicTensor);
    const outputs = [...layers, ...model.outputs.filter(({ name }) => !name.startsWith('mixed'))];
    const x = tf.div(tf.tensor4d(Float32Array.from(pixels), [1, side, side, 3]), 255);
    const found = tf.model({ inputs: model.inputs, outputs }).predict(x) as tf.Tensor[];
    const planes = found.slice(0, layers.length).map((y) => tf.transpose(y, [0, 3, 1, 2]).dataSync());
    return { mixed: planes, last: found.at(-1)!.dataSync() };
  });
}

function pixelValues(pixels: Uint8Array, side: number): NamedValues {
  return { pixels: floats([1, side, side, 3], Float32Array.from(pixels)) };
}

async function runOurs(pixels: Uint8Array, side: number, head: boolean): Promise<NamedValues> {
  const graph = new Graph();
  const layers = inferenceLayers(graph, weights);
  const features = inceptionFeatures(layers, pixelPlanes(graph.input('pixels', [1, side, side, 3])));
  for (const [name, tensor] of features) graph.output(name, tensor);
  if (head) graph.output('classes', unsafeHead(layers, features.get('mixed10')!));
  return runOnce(engine, graph, pixelValues(pixels, side));
}

t.test('all mixed layers and the head equal those of nsfwjs run by TensorFlow.js', async (t) => {
  const pixels = waves(INCEPTION_SIDE, 3);
  const model = await kerasModel(null);
  const expected = runKeras(model, pixels, INCEPTION_SIDE);
  model.dispose();
  const found = await runOurs(pixels, INCEPTION_SIDE, true);
  MIXED_LAYERS.forEach((name, i) => {
    const error = relativeError(found[name]!.data, expected.mixed[i]!);
    t.ok(error <= 1e-3, `${name}, error ${error.toExponential(1)}`);
  });
  const classes = found['classes']!.data;
  const error = relativeError(classes, expected.last);
  t.ok(error <= 1e-3, `classes ${classes.join()}, error ${error.toExponential(1)}`);

  const trunk = await PictureTrunk.open(engine, { layers: ['mixed9', 'mixed5'], weights });
  const [traits] = await trunk.read([pixels]);
  await trunk.close();
  const [drawing, hentai, neutral, porn, sexy] = expected.last;
  t.ok(relativeError(Object.values(traits!.classes), expected.last) <= 1e-3);
  t.same(Object.keys(traits!.classes), ['drawing', 'hentai', 'neutral', 'porn', 'sexy']);
  t.ok(Math.abs(drawing! + hentai! + neutral! + porn! + sexy! - 1) <= 1e-5);
  t.ok(Math.abs(traits!.unsafe - hentai! - porn!) <= 1e-3);
  t.same([...traits!.layers.keys()], ['mixed5', 'mixed9']);
  for (const [name, { mean, deviation }] of traits!.layers) {
    const values = expected.mixed[MIXED_LAYERS.indexOf(name)]!;
    const each = values.length / MIXED_CHANNELS[name];
    const planes = Array.from(mean, (_, c) => Float32Array.from(values.subarray(c * each, (c + 1) * each)));
    const means = planes.map((plane) => plane.reduce((a, b) => a + b, 0) / each);
    const deviations = planes.map((plane, c) =>
      Math.sqrt(plane.reduce((sum, value) => sum + (value - means[c]!) ** 2, 0) / each),
    );
    t.equal(mean.length, MIXED_CHANNELS[name]);
    t.ok(relativeError(mean, means) <= 1e-3, `${name} mean`);
    t.ok(relativeError(deviation, deviations) <= 1e-3, `${name} deviation`);
  }
});

t.test('small pictures, of odd sizes, equal as well', async (t) => {
  for (const [side, seed] of [
    [75, 5],
    [100, 8],
  ] as const) {
    const pixels = waves(side, seed);
    const model = await kerasModel(side);
    const expected = runKeras(model, pixels, side);
    model.dispose();
    const found = await runOurs(pixels, side, false);
    MIXED_LAYERS.forEach((name, i) => {
      const error = relativeError(found[name]!.data, expected.mixed[i]!);
      t.ok(error <= 1e-3, `${side}, ${name}, error ${error.toExponential(1)}`);
    });
  }
});

t.test('pictures are read in any number, one by one or in batches, the same', async (t) => {
  const pictures = [1, 2, 4].map((seed) => waves(INCEPTION_SIDE, seed));
  const inPairs = await PictureTrunk.open(engine, { layers: ['mixed2'], weights, batchSize: 2 });
  const together = await inPairs.read(pictures);
  t.same(await inPairs.read([]), []);
  await t.rejects(inPairs.read([new Uint8Array(5)]), { message: /5 bytes is not 299×299×3/u });
  await inPairs.close();
  const singly = await PictureTrunk.open(engine, { layers: ['mixed2'], weights });
  t.equal(together.length, 3);
  for (const [i, picture] of pictures.entries()) {
    const [alone] = await singly.read([picture]);
    const [a, b] = [together[i]!, alone!].map(({ layers }) => layers.get('mixed2')!);
    t.ok(relativeError(a!.mean, b!.mean) <= 1e-4);
    t.ok(relativeError(a!.deviation, b!.deviation) <= 1e-4);
    t.ok(Math.abs(together[i]!.unsafe - alone!.unsafe) <= 1e-4);
  }
  await singly.close();
});

interface Step {
  readonly graph: Graph;
  readonly loss: Tensor;
  readonly training: TrainingGraph;
}

/** A step that would make mean and deviation of mixed1 small. */
function trainingStep(side: number, options: Parameters<typeof trainingLayers>[1]): Step {
  const graph = new Graph();
  const training = new TrainingGraph(graph);
  const x = pixelPlanes(graph.input('pixels', [2, side, side, 3]));
  const features = inceptionFeatures(trainingLayers(training, options), x, 'mixed1');
  const { mean, deviation } = pooledStatistics(features.get('mixed1')!);
  graph.output('mean', mean);
  return { graph, training, loss: reduceMean(add(square(mean), square(deviation))) };
}

t.test('in training the trunk has the same names, learns, and can be frozen in part', async (t) => {
  const side = 75;
  const options = {
    frozen: (name: string) => !/_1[0-9]\./u.test(name),
    fixedNorm: (norm: string) => !/_1[0-9]$/u.test(norm),
  };
  const { graph, training, loss } = trainingStep(side, options);
  const inputs = [...graph.inputs.keys()].filter((name) => name !== 'pixels');
  t.same(inputs.filter((name) => weights[name] === undefined), []); // prettier-ignore
  const evolving = training.finish(loss, sgd({ momentum: 0, weightDecay: 0 }));
  const names = evolving.map(({ input }) => input);
  t.ok(names.includes('conv2d_10.weight') && names.includes('batch_normalization_19.running_mean'));
  t.same(names.filter((name) => !/_1[0-9]\./u.test(name)), []); // prettier-ignore

  const pixels = Float32Array.from([...waves(side, 2), ...waves(side, 7)]);
  const feeds = (given: Readonly<Record<string, { shape: Shape; data: Float32Array }>>): NamedValues => ({
    pixels: floats([2, side, side, 3], pixels),
    learningRate: floats([], Float32Array.of(0.1)),
    step: floats([], Float32Array.of(1)),
    ...Object.fromEntries(inputs.map((name) => [name, floats(given[name]!.shape, given[name]!.data)])),
  });
  const first = await runOnce(engine, graph, feeds(weights));
  const learnt = { ...weights };
  for (const { input, output, shape } of evolving) {
    const data = first[output]!.data as Float32Array;
    t.ok(data.every(Number.isFinite), input);
    learnt[input] = { shape, data };
  }
  const second = await runOnce(engine, graph, feeds(learnt));
  t.ok(second['loss']!.data[0]! < first['loss']!.data[0]!, 'the loss falls');
});

t.test('with its normalisations fixed, the trunk in training equals that of inference', async (t) => {
  const side = 75;
  const { graph } = trainingStep(side, { fixedNorm: () => true });
  const inputs = [...graph.inputs.keys()].filter((name) => name !== 'pixels');
  const pictures = [waves(side, 2), waves(side, 7)];
  const found = await runOnce(engine, graph, {
    pixels: floats([2, side, side, 3], Float32Array.from([...pictures[0]!, ...pictures[1]!])),
    ...Object.fromEntries(inputs.map((name) => [name, floats(weights[name]!.shape, weights[name]!.data)])),
  });
  for (const [i, picture] of pictures.entries()) {
    const inference = new Graph();
    const x = pixelPlanes(inference.input('pixels', [1, side, side, 3]));
    const features = inceptionFeatures(inferenceLayers(inference, weights), x, 'mixed1');
    inference.output('mean', pooledStatistics(features.get('mixed1')!).mean);
    const expected = await runOnce(engine, inference, pixelValues(picture, side));
    const row = (found['mean']!.data as Float32Array).subarray(i * 288, (i + 1) * 288);
    t.ok(relativeError(row, expected['mean']!.data) <= 1e-4);
  }
});

t.test('the deviation of a plain channel is 0 and has a gradient', async (t) => {
  const graph = new Graph();
  const training = new TrainingGraph(graph);
  const x = training.parameter('x', [1, 2, 3, 3]);
  const { deviation } = pooledStatistics(x);
  graph.output('deviation', deviation);
  training.finish(reduceMean(deviation), sgd({ momentum: 0, weightDecay: 0 }));
  const data = random(18, 1).fill(0.3, 0, 9);
  const found = await runOnce(engine, graph, {
    x: floats([1, 2, 3, 3], data),
    learningRate: floats([], Float32Array.of(1)),
    step: floats([], Float32Array.of(1)),
  });
  t.ok(found['deviation']!.data[0]! < 1e-5);
  t.ok(found['x:next']!.data.every(Number.isFinite));
});

t.test('a broken nsfwjs is told, with what to do', async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'nsfwjs-'));
  t.teardown(() => rm(root, { recursive: true }));
  const from = join(root, 'module.js');
  const told = async (problem: RegExp): Promise<void> => {
    await t.rejects(nsfwjsWeights(from), { code: 'BROKEN_INSTALL', message: problem });
    await t.rejects(nsfwjsWeights(from), { message: /npm package nsfwjs.*: run npm install$/u });
  };
  await told(/is not installed/u);
  const folder = join(root, 'node_modules', 'nsfwjs');
  const model = join(folder, 'dist', 'models', 'inception_v3');
  await mkdir(model, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"name":"nsfwjs","main":"dist/index.js"}');
  await writeFile(join(folder, 'dist', 'index.js'), '');
  await told(/lacks .*model\.min\.js/u);
  const manifest = (shape: number[], quantization: object): string => {
    const entry = { name: 'dense_1/bias', shape, dtype: 'float32', quantization };
    return `module.exports=${JSON.stringify({ weightsManifest: [{ paths: ['part1'], weights: [entry] }] })}`;
  };
  await writeFile(join(model, 'model.min.js'), manifest([2], { dtype: 'float16' }));
  await told(/of a form that is not known/u);
  await writeFile(join(model, 'model.min.js'), manifest([2], { dtype: 'uint8', scale: 0.5, min: -1 }));
  await told(/lacks .*part1\.min\.js/u);
  await writeFile(join(model, 'part1.min.js'), 'module.exports=42');
  await told(/has no weights in part1/u);
  await writeFile(join(model, 'part1.min.js'), 'module.exports="AAECAw=="');
  await told(/holds 4 bytes of weights, where its manifest lists 2/u);
  await writeFile(join(model, 'part1.min.js'), 'module.exports="AAQ="');
  const read = await nsfwjsWeights(from);
  t.same(read, { 'dense_1.bias': { shape: [2], data: Float32Array.of(-1, 1) } });
});
