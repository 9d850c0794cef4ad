import * as tf from '@tensorflow/tfjs';
import t from 'tap';
import { ENGINE_NAMES, openEngine, parseEngineName } from '../../../models/engine/index.ts';
import { Graph, add, greater, matmul, reshape, toOnnx } from '../../../models/graph/index.ts';
import { floats } from '../graph/helpers.ts';

function sum(): Graph {
  const graph = new Graph();
  const [a, b] = [graph.input('a', [2]), graph.input('b', [2])];
  graph.output('sum', add(a, b));
  graph.output('larger', greater(a, b));
  return graph;
}

const feeds = { a: floats([2], Float32Array.of(1, 2)), b: floats([2], Float32Array.of(10, -20)) };

t.test('the cpu engine runs a graph and its ONNX bytes alike', async (t) => {
  const engine = await openEngine('cpu', { threads: 1 });
  t.equal(engine.provider, 'cpu');
  t.match(engine.description, /^cpu \(ONNX Runtime .*1 threads\)$/u);
  for (const model of [sum(), toOnnx(sum())]) {
    const session = await engine.load(model);
    const results = await session.run(feeds);
    t.same(results['sum'], floats([2], Float32Array.of(11, -18)));
    t.same([...results['larger']!.data], [0, 1]);
    t.equal(results['larger']!.dtype, 'bool');
    await session.close();
  }
});

t.test('results go into the memory that was given', async (t) => {
  for (const engine of [
    await openEngine('cpu'),
    await openEngine('tensorflow', { tensorflowBackend: 'cpu' }),
  ]) {
    const session = await engine.load(sum());
    const into = { sum: floats([2], new Float32Array(2)) };
    const results = await session.run(feeds, into);
    t.equal(results['sum']!.data, into.sum.data, engine.provider);
    t.same([...into.sum.data], [11, -18], engine.provider);
  }
});

t.test('the tensorflow engine runs on a backend that the user names', async (t) => {
  const engine = await openEngine('tensorflow', { tensorflowBackend: 'cpu' });
  t.equal(engine.provider, 'tensorflow');
  t.match(engine.description, /TensorFlow\.js .*backend cpu/u);
  const session = await engine.load(sum());
  const results = await session.run(feeds);
  t.same([...results['sum']!.data], [11, -18]);
  t.same([...results['larger']!.data], [0, 1]);
  await t.rejects(session.run({ a: feeds.a }), { code: 'ENGINE_FAILED', message: /"b" \[2\] is missing/u });
  await t.rejects(engine.load(toOnnx(sum())), { code: 'ENGINE_FAILED', message: /not ONNX files/u });
});

/** Products of matrices, one after the other, which the cpu backend of TensorFlow.js takes a second or more for. */
function slowGraph(): Graph {
  const graph = new Graph();
  const x = graph.input('x', [200, 200]);
  let product = x;
  for (let i = 0; i < 40; i++) product = matmul(product, x);
  graph.output('y', product);
  graph.output('same', reshape(x, [200, 200]));
  return graph;
}

const slowFeeds = { x: floats([200, 200], new Float32Array(40_000).fill(1 / 200)) };

t.test('while the tensorflow engine computes, timers and signals get their turn', async (t) => {
  const engine = await openEngine('tensorflow', { tensorflowBackend: 'cpu' });
  const session = await engine.load(slowGraph());
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const before = tf.memory().numTensors;
  const runs = await Promise.all([session.run(slowFeeds), session.run(slowFeeds)]);
  clearInterval(timer);
  t.ok(turns > 5, `${turns} turns`);
  for (const { y, same } of runs) {
    t.ok(Math.abs(y!.data[7]! - 1 / 200) < 1e-6);
    t.same(same!.data, slowFeeds.x.data);
  }
  t.equal(tf.memory().numTensors, before, 'nothing is left');
});

t.test('a run of the tensorflow engine ends when its signal says so, and leaves nothing', async (t) => {
  const interruption = new AbortController();
  const engine = await openEngine('tensorflow', { tensorflowBackend: 'cpu', signal: interruption.signal });
  const session = await engine.load(slowGraph());
  const before = tf.memory().numTensors;
  const run = session.run(slowFeeds);
  setTimeout(() => {
    interruption.abort(new Error('enough'));
  }, 5);
  await t.rejects(run, { message: 'enough' });
  t.equal(tf.memory().numTensors, before);
});

t.test('an engine that is not there gives one line, and what to do', async (t) => {
  const elsewhere = process.platform === 'darwin' ? 'dml' : 'coreml';
  await t.rejects(openEngine(elsewhere), {
    code: 'ENGINE_MISSING',
    message: new RegExp(`^engine ${elsewhere}: .*no such provider$`, 'u'),
    remedy: { kind: 'use-engine', engine: 'auto' },
  });
  await t.rejects(openEngine('tensorflow', { tensorflowBackend: 'abacus' }), {
    code: 'ENGINE_MISSING',
    message: /npm install @tensorflow\/tfjs-backend-abacus$/u,
  });
});

t.test('auto runs something, and tells in one line why nothing before it', async (t) => {
  const lines: string[] = [];
  const engine = await openEngine('auto', { onFallback: (line) => lines.push(line), isVerbose: true });
  t.ok(ENGINE_NAMES.includes(engine.provider));
  t.ok(lines.length <= 1);
  if (engine.provider === 'cpu') t.match(lines[0], /^engine auto takes cpu, for [^\n]+$/u);
  const session = await engine.load(sum());
  t.same([...(await session.run(feeds))['sum']!.data], [11, -18]);

  const quiet: string[] = [];
  await openEngine('auto', { onFallback: (line) => quiet.push(line) });
  t.same(quiet, lines.filter((line) => !line.includes('there is no GPU')), 'no GPU is no news'); // prettier-ignore
});

t.test('names of engines', async (t) => {
  for (const name of ENGINE_NAMES) t.equal(parseEngineName(name), name);
  t.throws(() => parseEngineName('gpu'), {
    code: 'USAGE',
    message: /there is no engine "gpu": choose one of auto, cpu/u,
  });
});

t.test('what cannot run is refused in one line', async (t) => {
  const engine = await openEngine('cpu');
  await t.rejects(engine.load(new Uint8Array(10)), {
    code: 'ENGINE_FAILED',
    message: /cpu does not load the graph: /,
  });
  const session = await engine.load(sum());
  await t.rejects(session.run({ a: feeds.a }), { code: 'ENGINE_FAILED', message: /"b" is missing/u });
  await t.rejects(session.run({ ...feeds, b: floats([2], new Float32Array(3)) }), {
    code: 'ENGINE_FAILED',
    message: /input "b": 3 values do not fill \[2\]/u,
  });
  await t.rejects(session.run({ ...feeds, b: floats([3], new Float32Array(3)) }), { code: 'ENGINE_FAILED' });
});
