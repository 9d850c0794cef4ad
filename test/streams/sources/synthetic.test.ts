import t from 'tap';
import {
  chord,
  clicks,
  demo,
  mix,
  noise,
  silence,
  sine,
  sweep,
  syntheticSource,
} from '../../../streams/sources/index.ts';
import { collect } from './support/collect.ts';
import { layout } from './support/layout.ts';
import { VirtualClock } from './support/virtual-clock.ts';

const RATE = 22050;

t.test('signals are what their formulas say', async (t) => {
  t.equal(sine(RATE / 4, 1)(1), 1);
  t.equal(sine(441, 0.5)(0), 0);
  t.equal(clicks(100, 0.9)(200), 0.9);
  t.equal(clicks(100)(201), 0);
  t.equal(silence(7), 0);
  t.ok(Math.abs(chord([441, 882], 1)(3) - (sine(441, 0.5)(3) + sine(882, 0.5)(3))) < 1e-12);
  t.equal(mix(sine(441), clicks(3))(3), sine(441)(3) + 0.9);
  t.equal(sweep(100, 1000, 2)(0), 0);
  t.equal(sweep(100, 1000, 2)(2 * RATE + 5), sweep(100, 1000, 2)(5), 'a sweep begins again');
  // The sweep's frequency after half of it is the geometric mean: count its zero crossings there.
  const rising = sweep(100, 1000, 20);
  let crossings = 0;
  for (let n = 10 * RATE; n < 10.1 * RATE; n++) if (rising(n) < 0 !== rising(n + 1) < 0) crossings++;
  t.ok(Math.abs(crossings / 2 / 0.1 - Math.sqrt(100 * 1000)) < 10, `${crossings} crossings in 0.1 s`);
  const values = Float64Array.from({ length: 100000 }, (_, n) => noise(1, 1)(n));
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const power = values.reduce((sum, x) => sum + x * x, 0) / values.length;
  t.ok(Math.abs(mean) < 0.01 && Math.abs(power - 1 / 3) < 0.01, `noise: mean ${mean}, power ${power}`);
  t.not(noise(1)(5), noise(2)(5));
  const music = demo();
  for (let n = 0; n < 10 * RATE; n += 7) if (!(Math.abs(music(n)) <= 1)) t.fail(`${music(n)} at ${n}`);
});

t.test('blocks have the sizes asked for, in turn, around gaps', async (t) => {
  const ramp = (n: number) => n / 1024;
  const source = syntheticSource(ramp, {
    lengthSamples: 100,
    blockSizes: [30, 7],
    gaps: [
      { at: 0, length: 3 },
      { at: 50, length: 20 },
    ],
    pace: 'consumed',
  });
  const { events, blocks } = await collect(source);
  t.same(layout(events), [...['delivering', 0, [3, 30], [33, 7], [40, 10], 50, [70, 7], [77, 23], 'ended']]);
  for (const { startSample, samples } of blocks)
    t.same(
      [...samples],
      Array.from(samples, (_, i) => ramp(startSample + i)),
    );
});

t.test('pace and back-pressure are those of files', async (t) => {
  const clock = new VirtualClock();
  clock.runFreely();
  const { blocks } = await collect(
    syntheticSource(silence, { lengthSamples: RATE, blockSizes: [2205], clock, pace: 2 }),
  );
  t.same(
    blocks.map(({ arrivedAtMs }) => Math.round(arrivedAtMs)),
    [50, 100, 150, 200, 250, 300, 350, 400, 450, 500],
  );
  let given = 0;
  const subscription = syntheticSource(silence, {
    pace: 'consumed',
    ready: () => (given < 3 ? Promise.resolve() : new Promise(() => undefined)),
  }).events.subscribe(({ kind }) => {
    if (kind === 'block') given++;
  });
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
  t.equal(given, 3);
  subscription.unsubscribe();
});

t.test('an endless source ends when nobody listens', async (t) => {
  let blocks = 0;
  await new Promise<void>((resolve) => {
    const subscription = syntheticSource(silence, { pace: 'consumed' }).events.subscribe(({ kind }) => {
      if (kind === 'block') blocks++;
    });
    setTimeout(() => {
      subscription.unsubscribe();
      resolve();
    }, 1);
  });
  const before = blocks; // and timers had their turn, or this would not be reached
  await new Promise(setImmediate);
  t.equal(blocks, before);
  t.throws(() => syntheticSource(silence, { blockSizes: [0] }), { code: 'OUT_OF_RANGE' });
  t.throws(() => syntheticSource(silence, { pace: -1 }), { code: 'USAGE' });
});
