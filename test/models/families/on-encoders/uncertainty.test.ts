import t from 'tap';
import { deviationsOf } from '../../../../models/families/on-encoders/uncertainty.ts';
import { fitErrors, shareWithin } from '../../../../models/training/on-encoders/fit-errors.ts';
import { noise } from '../../training/on-encoders/numbers.ts';

/** Readings whose errors have the variance 0.01 + slope · squared distance from the middle of the plane. */
function judged(count: number, slope: number) {
  const numbers = noise(6 * count, 1);
  return Array.from({ length: count }, (_, i) => {
    const [v, a, ...rest] = numbers.subarray(6 * i, 6 * i + 6) as unknown as number[];
    const read = { valence: 0.5 + 0.25 * v!, arousal: 0.5 + 0.25 * a! };
    const deviation = Math.sqrt(0.01 + slope * ((0.25 * v!) ** 2 + (0.25 * a!) ** 2));
    // Uniform on ±√3 has the variance 1.
    const [ev, ea] = rest.map((value) => value * Math.sqrt(3) * deviation);
    return { read, truth: { valence: read.valence + ev!, arousal: read.arousal + ea! } };
  });
}

t.test('errors that grow away from the middle', async (t) => {
  const model = fitErrors(judged(20_000, 0.1));
  for (const axis of ['valence', 'arousal'] as const) {
    t.ok(Math.abs(model.middle[axis] - 0.5) < 0.01);
    t.ok(Math.abs(model[axis].base - 0.01) < 0.001, `${axis}: base ${model[axis].base}`);
    t.ok(Math.abs(model[axis].slope - 0.1) < 0.02, `${axis}: slope ${model[axis].slope}`);
  }
  const near = deviationsOf(model, { valence: 0.5, arousal: 0.5 });
  const far = deviationsOf(model, { valence: 0.7, arousal: 0.3 });
  t.ok(Math.abs(near.valenceSd - 0.1) < 0.005);
  t.ok(Math.abs(far.arousalSd - Math.sqrt(0.01 + 0.1 * 0.08)) < 0.007);
});

t.test('calibrated: the mean variance is the mean squared error', async (t) => {
  const items = judged(500, 0.05);
  const model = fitErrors(items);
  for (const axis of ['valence', 'arousal'] as const) {
    const mean = (of: (item: (typeof items)[0]) => number) =>
      items.reduce((sum, item) => sum + of(item) / items.length, 0);
    const error = mean(({ read, truth }) => (read[axis] - truth[axis]) ** 2);
    const variance = mean(({ read }) => deviationsOf(model, read)[`${axis}Sd`] ** 2);
    t.ok(Math.abs(model[axis].mean - error) < 1e-12);
    t.ok(Math.abs(variance / error - 1) < 1e-6, `${axis}: ${variance} for ${error}`);
  }
});

t.test('how many errors are at most their deviation', async (t) => {
  // Uniform errors on ±√3 deviations: 1/√3 of them.
  const items = judged(20_000, 0.1);
  const { valence, arousal } = shareWithin(fitErrors(items), items);
  for (const share of [valence, arousal]) t.ok(Math.abs(share - 1 / Math.sqrt(3)) < 0.02, `${share}`);
  const read = { valence: 0.5, arousal: 0.5 };
  const errors = [0.1, 0.1, 0.1, -0.4];
  const few = errors.map((off) => ({ read, truth: { valence: 0.5 + off, arousal: 0.5 + off / 8 } }));
  t.same(shareWithin(fitErrors(few), few), { valence: 0.75, arousal: 0.75 });
});

t.test('far out the variance stays between 0.4 and 2.5 of the mean', async (t) => {
  const model = {
    middle: { valence: 0.5, arousal: 0.5 },
    valence: { mean: 0.01, base: 0.008, slope: 1 },
    arousal: { mean: 0.01, base: 0.012, slope: -1 },
  };
  const { valenceSd, arousalSd } = deviationsOf(model, { valence: 0, arousal: 1 });
  t.ok(Math.abs(valenceSd ** 2 - 0.025) < 1e-12);
  t.ok(Math.abs(arousalSd ** 2 - 0.004) < 1e-12);
});

t.test('readings that are all one have one deviation', async (t) => {
  const read = { valence: 0.4, arousal: 0.6 };
  const items = [0.1, -0.1].map((off) => ({ read, truth: { valence: 0.4 + off, arousal: 0.6 + off } }));
  const { valenceSd } = deviationsOf(fitErrors(items), { valence: 0.9, arousal: 0.1 });
  t.ok(Math.abs(valenceSd - 0.1) < 1e-9);
});
