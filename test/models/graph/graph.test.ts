import * as tf from '@tensorflow/tfjs';
import t from 'tap';
import { openEngine } from '../../../models/engine/index.ts';
import { interpret } from '../../../models/engine/interpreter.ts';
import * as g from '../../../models/graph/index.ts';
import { Graph, GraphError, toOnnx } from '../../../models/graph/index.ts';
import { dropout, gradients, trainBatchNorm } from '../../../models/graph/training/index.ts';
import { floats, runOnce, toTf } from './helpers.ts';

t.test(
  'what does not fit is refused while the graph is built, with operator, names and shapes',
  async (t) => {
    const graph = new Graph();
    const a = graph.input('a', [2, 3]);
    const b = graph.input('b', [4, 5]);
    const image = graph.input('image', [1, 3, 8, 8]);
    const kernel = graph.input('kernel', [6, 4, 3, 3]);
    const index = graph.input('index', [2], 'int32');
    const three = graph.input('three', [3]);
    const vectors = { weight: three, bias: three, runningMean: three, runningVar: three };
    const refused: [string, () => unknown, RegExp][] = [
    ['add', () => g.add(a, b), /^Add_1: shapes do not broadcast: "a" \[2, 3\] and "b" \[4, 5\]$/u],
    ['types', () => g.add(a, index), /types differ: "a" \[2, 3\] and "index" \[2\] int32/u],
    ['exp of int32', () => g.exp(index), /takes float32, not "index" \[2\] int32/u],
    ['matmul', () => g.matmul(a, b), /"a" \[2, 3\] × "b" \[4, 5\]: columns/u],
    ['gemm', () => g.gemm(a, b, { transposeA: true }), /inner lengths differ \(2 and 4\)/u],
    ['conv', () => g.conv(image, kernel), /"image" \[1, 3, 8, 8\] has 3 channels, but weight "kernel" \[6, 4, 3, 3\] takes 4/u],
    ['pool', () => g.maxPool(a, { kernel: [2, 2], strides: [2, 2] }), /"a" \[2, 3\] must be \[batch, channels, height, width\]/u],
    ['large pool', () => g.maxPool(image, { kernel: [9, 9], strides: [1, 1] }), /window is larger than "image"/u],
    ['concat', () => g.concat([a, b], 0), /along axis 0 "b" \[4, 5\] does not fit "a" \[2, 3\]/u],
    ['slice', () => g.slice(a, [{ axis: 1, start: 1, end: 4 }]), /1…4 by 1 is not inside axis 1 of "a"/u],
    ['reshape', () => g.reshape(a, [4, 2]), /"a" \[2, 3\] cannot become \[4, 2\]/u],
    ['reshape with a rest', () => g.reshape(a, [4, -1]), /"a" \[2, 3\] cannot become \[4, -1\]/u],
    ['transpose', () => g.transpose(a, [0, 0]), /does not permute the axes of "a"/u],
    ['expand', () => g.expand(a, [2, 4]), /"a" \[2, 3\] does not broadcast to \[2, 4\]/u],
    ['gather', () => g.gather(a, b), /indices "b" \[4, 5\] must be int32/u],
    ['where', () => g.where(a, a, a), /condition "a" \[2, 3\] must be bool/u],
    ['top of too few', () => g.topK(a, 4), /the last axis of "a" \[2, 3\] has no 4 elements/u],
    ['top of int32', () => g.topK(index, 1), /takes float32, not "index" \[2\] int32/u],
    ['reduce', () => g.reduceSum(a, [2]), /"a" \[2, 3\] has no axes \[2\]/u],
    ['constant', () => graph.constant('c', [2, 2], new Float32Array(3)), /\[2, 2\] holds 4 values, but 3/u],
    ['name', () => graph.input('a', [1]), /The name "a" is taken/u],
    ['length 0', () => graph.input('z', [0]), /"z": a shape is made of whole numbers above 0/u],
    ['another graph', () => g.add(a, new Graph('other').input('q', [2, 3])), /"q" \[2, 3\] belongs to graph "other"/u],
    ['one value a channel', () => trainBatchNorm(graph.input('single', [1, 3]), vectors), /"single" \[1, 3\] needs more than one value/u],
    ['dropout', () => dropout(a, 'mask', 1), /the rate must be in \[0, 1\), not 1/u],
  ]; // prettier-ignore
    for (const [name, build, message] of refused) {
      t.throws(build, { message }, name);
      t.throws(build, g.GraphError);
    }
  },
);

t.test('an error inside a scope names the place', async (t) => {
  const graph = new Graph();
  const a = graph.input('a', [2]);
  const b = graph.input('b', [3]);
  t.throws(
    () => graph.within('layer1.0', () => graph.within('downsample', () => g.mul(a, b))),
    { message: /^layer1\.0\/downsample\/Mul_1: / }, // prettier-ignore
  );
  t.equal(g.add(a, 1).name, 'Add_1', 'the scope ended with the error');
});

t.test('a model keeps the names of inputs and outputs, whatever they stand for', async (t) => {
  const engine = await openEngine('cpu');
  const graph = new Graph();
  const x = graph.input('x', [3]);
  const doubled = g.mul(x, 2);
  g.exp(doubled);
  graph.output('doubled', doubled);
  graph.output('again', doubled);
  graph.output('same as x', x);
  graph.output('constant', graph.constant('c', [2], Float32Array.of(5, 6)));
  graph.output('quadrupled', g.mul(doubled, 2));
  const results = await runOnce(engine, graph, { x: floats([3], Float32Array.of(1, 2, 3)) });
  t.same(Object.keys(results).sort(), ['again', 'constant', 'doubled', 'quadrupled', 'same as x']);
  t.same([...results['doubled']!.data], [2, 4, 6]);
  t.same([...results['again']!.data], [2, 4, 6]);
  t.same([...results['same as x']!.data], [1, 2, 3]);
  t.same([...results['constant']!.data], [5, 6]);
  t.same([...results['quadrupled']!.data], [4, 8, 12]);
  t.notMatch(Buffer.from(toOnnx(graph)).toString('latin1'), 'Exp', 'what no output needs is left out');
});

t.test('what has no gradient computes the same in ONNX Runtime and in TensorFlow.js', async (t) => {
  const engine = await openEngine('cpu');
  const graph = new Graph();
  const x = graph.input('x', [2, 5]);
  graph.output('largest', g.topK(x, 3));
  graph.output('smallest', g.topK(x, 2, 'smallest'));
  graph.output('floor', g.floor(x));
  const values = floats([2, 5], Float32Array.of(2.5, -1.5, 7, 2.5, 0, -3, -2.25, -9, 4, -0.5));
  const expected = {
    largest: [7, 2.5, 2.5, 4, -0.5, -2.25],
    smallest: [-1.5, 0, -9, -3],
    floor: [2, -2, 7, 2, 0, -3, -3, -9, 4, -1],
  };
  const run = await runOnce(engine, graph, { x: values });
  const interpreted = interpret(tf, graph, { x: toTf(values) });
  for (const [name, numbers] of Object.entries(expected)) {
    t.same([...run[name]!.data], numbers, name);
    t.same([...interpreted[name]!.dataSync()], numbers, `${name}, interpreted`);
  }
  t.throws(() => gradients(g.reduceSum(g.topK(x, 1)), [x]), GraphError);
});

t.test('the same graph gives the same bytes', async (t) => {
  const build = (): Uint8Array => {
    const graph = new Graph();
    const x = graph.input('x', [2, 3]);
    graph.output('y', g.softmax(g.add(g.reduceMean(x, [0], true), x)));
    return toOnnx(graph);
  };
  t.same(build(), build());
});
