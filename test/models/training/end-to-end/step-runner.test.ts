import t from 'tap';
import { openEngine } from '../../../../models/engine/index.ts';
import type { NamedValues } from '../../../../models/engine/index.ts';
import { sizeOf } from '../../../../models/graph/index.ts';
import { LEARNING_RATE, STEP, dropoutMask } from '../../../../models/graph/training/index.ts';
import { clipShape, pictureShape } from '../../../../models/networks/index.ts';
import { initialState } from '../../../../models/networks/training/index.ts';
import { completeSettings, systemSettings } from '../../../../models/training/end-to-end/settings.ts';
import { StepRunner } from '../../../../models/training/end-to-end/step-runner.ts';
import { INPUT, cachedStep, networkStep } from '../../../../models/training/end-to-end/step.ts';
import type { TrainingStep } from '../../../../models/training/end-to-end/step.ts';
import { TINY_SETTINGS } from '../../../support/tiny-dataset.ts';
import { abortAfter } from '../../../support/abort-after.ts';
import '../../../support/shared-sessions.ts';
import { floats, random, relativeError } from '../../graph/helpers.ts';

t.setTimeout(600_000);

const engine = await openEngine('cpu', { threads: 1 });
const BATCH = 8;
const FEATURES = 12;
const RUNNING = new AbortController().signal;

function build(given: Record<string, unknown>, fixesNorm: boolean) {
  const settings = completeSettings({ ...TINY_SETTINGS, batch: BATCH, ...given });
  const system = systemSettings(settings, FEATURES);
  const options = { system, settings, sigma: 0.38, hasPairs: false, hardware: 'cpu' } as const;
  return { system, settings, options: { ...options, ...(fixesNorm && { fixedNorm: () => true }) } };
}

/** A batch by formula, and what else a training feeds. */
function feeds({ system }: ReturnType<typeof build>, step: TrainingStep, number: number): NamedValues {
  const value = (shape: readonly number[], seed: number, scale = 1, shift = 0) =>
    floats(shape, random(sizeOf(shape), seed + 10 * number).map((x) => scale * x + shift)); // prettier-ignore
  const [rows, columns] = clipShape(system);
  return {
    [INPUT.pictures]: value([BATCH, ...pictureShape(system)], 1, 100, 128),
    [INPUT.clips]: value([BATCH, rows, columns], 2),
    [INPUT.pictureMoods]: value([BATCH, 2], 3, 0.5, 0.5),
    [INPUT.clipMoods]: value([BATCH, 2], 4, 0.5, 0.5),
    'music.features.mean': floats([rows], new Float32Array(rows)),
    'music.features.deviation': floats([rows], new Float32Array(rows).fill(1)),
    'image.features.mean': floats([FEATURES], new Float32Array(FEATURES).fill(128)),
    'image.features.deviation': floats([FEATURES], new Float32Array(FEATURES).fill(50)),
    [LEARNING_RATE]: floats([], Float32Array.of(0.01)),
    [STEP]: floats([], Float32Array.of(number)),
    ...fixedStatistics(step),
    ...Object.fromEntries(
      [...step.masks].map(([name, { shape, rate }]) => [name, floats(shape, dropoutMask(1, number, name, shape, rate))]), // prettier-ignore
    ),
  };
}

/** Running statistics that stay as they are: means 0, variances 1. */
function fixedStatistics({ whole, micro, trainable }: TrainingStep): NamedValues {
  const graphs = [whole.graph, ...(micro ? [micro.forward, micro.backward.graph] : [])];
  const inputs = new Map(graphs.flatMap((graph) => [...graph.inputs]));
  for (const { input } of trainable) inputs.delete(input);
  return Object.fromEntries(
    [...inputs]
      .filter(([name]) => /\.running_(?:mean|var)$/u.test(name))
      .map(([name, { shape }]) => [
        name,
        floats(shape, new Float32Array(sizeOf(shape)).fill(name.endsWith('var') ? 1 : 0)),
      ]),
  );
}

/** What two steps make of the network, and the losses of the second. */
async function trained(built: ReturnType<typeof build>, step: TrainingStep) {
  const initial = initialState(step.trainable, 3);
  const runner = await StepRunner.open(engine, step, initial);
  let losses: NamedValues | null = null;
  for (const number of [1, 2]) losses = await runner.run(feeds(built, step, number), RUNNING);
  const state = { ...runner.state };
  await runner.close();
  const stays = step.trainable.filter(({ isTransient }) => !isTransient);
  return { losses: losses!, state, names: stays.map(({ input }) => input), initial };
}

const CASES = [
  ['a frozen picture backbone', { frozen: true }],
  ['sampled pairs', { frozen: true, pairs: 'sampled' }],
  ['both backbones, those of L3-Net', { frozen: false, system: 'l3-net' }],
] as const;

for (const [name, given] of CASES) {
  const settings = { augment: false, normalisation: 'power', ...given };
  t.test(
    `${name}: micro-batches train as the whole batch does, but for their own normalisation`,
    async (t) => {
      for (const [microBatch, fixesNorm] of [
        [BATCH, false],
        [BATCH / 2, true],
      ] as const) {
        const one = build({ ...settings, microBatch: BATCH }, fixesNorm);
        const several = build({ ...settings, microBatch }, fixesNorm);
        const whole = await trained(one, networkStep(one.options));
        const cached = await trained(several, cachedStep(several.options));
        t.same(cached.names.sort(), whole.names.sort());
        for (const input of whole.names) {
          const before = whole.initial[input] ?? new Float32Array(whole.state[input]!.length);
          const moved = (state: Float32Array) => state.map((value, i) => value - before[i]!);
          const [found, expected] = [moved(cached.state[input]!), moved(whole.state[input]!)];
          const most = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
          const off = found.reduce(
            (largest, value, i) => Math.max(largest, Math.abs(value - expected[i]!)),
            0,
          );
          // What a bias before a normalisation moves by is rounding alone.
          const rounding = /^(?:mood|similarity)\.[01]\.bias/u.test(input) ? 5e-6 : 2e-7;
          t.ok(off <= 5e-3 * most + rounding, `${input}: ${off} of ${most}`);
        }
        for (const [term, { data }] of Object.entries(whole.losses))
          t.ok(relativeError(cached.losses[term]!.data, data) < 1e-4, term);
      }
    },
  );
}

t.test('a batch that goes through at once is one graph', (t) => {
  t.equal(networkStep(build({ microBatch: BATCH }, false).options).micro, null);
  t.equal(networkStep(build({ microBatch: 4 }, false).options).micro?.runs, 2);
  t.equal(networkStep(build({ system: 'acp-net' }, false).options).micro, null);
  t.end();
});

t.test('a step that is left between any two of its runs has changed nothing', async (t) => {
  const built = build({ augment: false, normalisation: 'power', microBatch: 4 }, false);
  const step = networkStep(built.options);
  const runner = await StepRunner.open(engine, step, initialState(step.trainable, 3));
  t.ok(await runner.run(feeds(built, step, 1), RUNNING));
  const stays = step.trainable.filter(({ isTransient }) => !isTransient).map(({ input }) => input);
  const copy = () => Buffer.concat(stays.map((input) => Buffer.from(runner.state[input]!.slice().buffer)));
  const before = copy();
  for (let runs = 0; runs < 4; runs++) {
    await t.rejects(runner.run(feeds(built, step, 2), abortAfter(runs)), { name: 'AbortError' });
    t.ok(copy().equals(before), `after ${runs} of 5 runs`);
  }
  t.ok(await runner.run(feeds(built, step, 2), RUNNING));
  t.notOk(copy().equals(before));
  await runner.close();
});
