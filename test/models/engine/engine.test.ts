import t from 'tap';
import { ENGINE_NAMES, openEngine, parseEngineName } from '../../../models/engine/index.ts';
import { Graph, add, greater, toOnnx } from '../../../models/graph/index.ts';
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
  await t.rejects(session.run({ a: feeds.a }), { code: 'ENGINE_FAILED', message: /"b" \[2\] was not fed/u });
  await t.rejects(engine.load(toOnnx(sum())), { code: 'ENGINE_FAILED', message: /not ONNX files/u });
});

t.test('an engine that is not there gives one line with what to do', async (t) => {
  const elsewhere = process.platform === 'darwin' ? 'dml' : 'coreml';
  await t.rejects(openEngine(elsewhere), {
    code: 'ENGINE_MISSING',
    message: new RegExp(`^engine ${elsewhere}: .*no such provider; use --engine auto$`, 'u'),
  });
  await t.rejects(openEngine('tensorflow', { tensorflowBackend: 'abacus' }), {
    code: 'ENGINE_MISSING',
    message: /npm install @tensorflow\/tfjs-backend-abacus$/u,
  });
});

t.test('auto runs something, and tells in one line why nothing before it', async (t) => {
  const lines: string[] = [];
  const engine = await openEngine('auto', { onFallback: (line) => lines.push(line) });
  t.ok(ENGINE_NAMES.includes(engine.provider));
  t.ok(lines.length <= 1);
  if (engine.provider === 'cpu') t.match(lines[0], /^engine auto takes cpu, for [^\n]+$/u);
  const session = await engine.load(sum());
  t.same([...(await session.run(feeds))['sum']!.data], [11, -18]);
});

t.test('names of engines', async (t) => {
  for (const name of ENGINE_NAMES) t.equal(parseEngineName(name), name);
  t.throws(() => parseEngineName('gpu'), {
    code: 'USAGE',
    message: /--engine gpu: choose one of auto, cpu/u,
  });
});

t.test('what cannot run is refused in one line', async (t) => {
  const engine = await openEngine('cpu');
  await t.rejects(engine.load(new Uint8Array(10)), {
    code: 'ENGINE_FAILED',
    message: /cpu does not load the graph: /,
  });
  const session = await engine.load(sum());
  await t.rejects(session.run({ a: feeds.a }), { code: 'ENGINE_FAILED', message: /"b" was not fed/u });
  await t.rejects(session.run({ ...feeds, b: floats([2], new Float32Array(3)) }), {
    code: 'ENGINE_FAILED',
    message: /input "b": 3 values do not fill \[2\]/u,
  });
  await t.rejects(session.run({ ...feeds, b: floats([3], new Float32Array(3)) }), { code: 'ENGINE_FAILED' });
});
