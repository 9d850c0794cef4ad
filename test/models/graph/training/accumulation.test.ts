import t from 'tap';
import { Stepper, openEngine } from '../../../../models/engine/index.ts';
import { Graph, matmul, mul, reduceSum, relu, square } from '../../../../models/graph/index.ts';
import {
  APPLY,
  FIRST,
  LEARNING_RATE,
  STEP,
  TrainingGraph,
  peakBytes,
  sgd,
} from '../../../../models/graph/training/index.ts';
import { floats, random, relativeError } from '../helpers.ts';

const engine = await openEngine('cpu', { threads: 1 });
const x = random(8 * 3, 1);

/** Trains y = norm(x w) by the mean square of y; with several runs a step, a part of x in each. */
async function train(runs: number, steps: number, more = 0): Promise<Stepper> {
  const training = new TrainingGraph(new Graph(), { runs });
  const input = training.graph.input('x', [8 / runs, 3]);
  const product = matmul(input, training.parameter('w', [3, 2]));
  // The loss of the batch is the sum of the runs' losses.
  const loss = mul(reduceSum(square(product)), 1 / 16);
  const optimiser = sgd({ momentum: 0.9, weightDecay: 0.01 });
  const trainable = training.finish(loss, optimiser);
  const stepper = new Stepper(await engine.load(training.graph), trainable, { w: random(6, 2) });
  for (let run = 0; run < steps * runs + more; run++) {
    const part = run % runs;
    const size = x.length / runs;
    await stepper.step({
      x: floats(input.shape, x.slice(part * size, (part + 1) * size)),
      ...scalars(Math.floor(run / runs) + 1, part, runs),
    });
  }
  return stepper;
}

function scalars(step: number, part: number, runs: number) {
  const scalar = (value: number) => floats([], Float32Array.of(value));
  return {
    [LEARNING_RATE]: scalar(0.1),
    [STEP]: scalar(step),
    ...(runs > 1 && { [FIRST]: scalar(part === 0 ? 1 : 0), [APPLY]: scalar(part === runs - 1 ? 1 : 0) }),
  };
}

t.test('a step in several runs trains as the step in one', async (t) => {
  const whole = (await train(1, 4)).state;
  for (const runs of [2, 4]) {
    const { state } = await train(runs, 4);
    for (const [name, values] of Object.entries(whole))
      t.ok(relativeError(state[name]!, values) < 1e-5, `${runs} runs: ${name}`);
  }
});

t.test('a step that is left after some of its runs has changed nothing that stays', async (t) => {
  const [done, left] = [(await train(4, 2)).state, (await train(4, 2, 3)).state];
  for (const name of ['w', 'w:momentum']) t.same(left[name], done[name], name);
  t.notSame(left['w:gradient'], done['w:gradient']);
});

t.test('running statistics follow every run, and are there after the last', async (t) => {
  const training = new TrainingGraph(new Graph(), { runs: 2 });
  const input = training.graph.input('x', [4, 3]);
  const normalised = training.batchNorm('norm', mul(input, training.parameter('w', [1, 3])));
  const trainable = training.finish(reduceSum(square(normalised)), sgd());
  const ones = () => new Float32Array(3).fill(1);
  const initial = { w: ones(), 'norm.weight': ones(), 'norm.running_var': ones() };
  const stepper = new Stepper(await engine.load(training.graph), trainable, initial);
  const meanOf = (part: number, column: number): number =>
    [0, 1, 2, 3].reduce((sum, row) => sum + x[12 * part + 3 * row + column]! / 4, 0);
  const found: number[][] = [];
  for (const part of [0, 1]) {
    await stepper.step({
      x: floats([4, 3], x.slice(12 * part, 12 * (part + 1))),
      ...scalars(1, part, 2),
      [LEARNING_RATE]: floats([], Float32Array.of(0)),
    });
    found.push([...stepper.state['norm.running_mean']!]);
  }
  t.same(found[0], [0, 0, 0], 'as before until the last run');
  const expected = [0, 1, 2].map((column) => 0.1 * (0.9 * meanOf(0, column) + meanOf(1, column)));
  t.ok(relativeError(found[1]!, expected) < 1e-5);
});

t.test('a step can be taken back', async (t) => {
  const stepper = await train(1, 3);
  const before = stepper.state['w']!.slice();
  await stepper.step({ x: floats([8, 3], x), ...scalars(4, 0, 1) });
  t.notSame(stepper.state['w'], before);
  stepper.undo();
  t.same(stepper.state['w'], before);
});

t.test('peak memory counts what lives at the same time', async (t) => {
  const graph = new Graph();
  const input = graph.input('x', [100]);
  graph.output('y', relu(relu(relu(input))));
  // The input, one result that is read and one that is written.
  t.equal(peakBytes(graph), 3 * 400);
});
