import t from 'tap';
import { Stepper, openEngine } from '../../../models/engine/index.ts';
import {
  APPLY,
  Graph,
  LEARNING_RATE,
  STEP,
  TrainingGraph,
  matmul,
  peakBytes,
  reduceMean,
  relu,
  sgd,
  square,
} from '../../../models/graph/index.ts';
import { floats, random, relativeError } from './helpers.ts';

const engine = await openEngine('cpu', { threads: 1 });
const x = random(8 * 3, 1);

async function train(slices: number, steps: number): Promise<Readonly<Record<string, Float32Array>>> {
  const training = new TrainingGraph(new Graph());
  const input = training.graph.input('x', [8 / slices, 3]);
  const loss = reduceMean(square(matmul(input, training.parameter('w', [3, 2]))));
  const optimiser = sgd({ momentum: 0.9, weightDecay: 0.01 });
  const evolving = training.finish(loss, optimiser, {}, { slices });
  const stepper = new Stepper(await engine.load(training.graph), evolving, { w: random(6, 2) });
  const scalar = (value: number) => floats([], Float32Array.of(value));
  for (let run = 0; run < steps * slices; run++) {
    const slice = run % slices;
    const size = x.length / slices;
    await stepper.step({
      x: floats(input.shape, x.slice(slice * size, (slice + 1) * size)),
      [LEARNING_RATE]: scalar(0.1),
      [STEP]: scalar(Math.floor(run / slices) + 1),
      [APPLY]: scalar(slice === slices - 1 ? 1 : 0),
    });
  }
  return stepper.state;
}

t.test('a batch in slices trains as the batch in one', async (t) => {
  const whole = await train(1, 4);
  for (const slices of [2, 4]) {
    const sliced = await train(slices, 4);
    for (const [name, values] of Object.entries(whole))
      t.ok(relativeError(sliced[name]!, values) < 1e-5, `${slices} slices: ${name}`);
    t.ok(
      sliced['w:gradient']!.every((value) => value === 0),
      'the sum begins anew',
    );
  }
});

t.test('peak memory counts what lives at the same time', async (t) => {
  const graph = new Graph();
  const input = graph.input('x', [100]);
  graph.output('y', relu(relu(relu(input))));
  // The input, one result that is read and one that is written.
  t.equal(peakBytes(graph), 3 * 400);
});
