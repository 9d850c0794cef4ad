import t from 'tap';
import { calibration, DEVIATIONS, normalWithin } from '../../../models/training/index.ts';
import { formulaReading } from '../../support/formula-model.ts';

/** Quantiles of the normal distribution, by bisection on `normalWithin`: what evenly spread errors would be. */
function normalErrors(n: number): number[] {
  return Array.from({ length: n }, (_, i) => {
    const share = (i + 0.5) / n;
    let [low, high] = [0, 8];
    for (let step = 0; step < 50; step++) {
      const middle = (low + high) / 2;
      if (normalWithin(middle) < share) low = middle;
      else high = middle;
    }
    return low;
  });
}

t.test('the share of a normal distribution within k deviations', async (t) => {
  // From tables of the normal distribution, e. g. Abramowitz and Stegun 26.1.
  for (const [k, share] of [
    [0, 0],
    [0.5, 0.3829249],
    [1, 0.6826895],
    [2, 0.9544997],
    [3, 0.9973002],
  ] as const) {
    t.ok(Math.abs(normalWithin(k) - share) < 3e-7, `${k}: ${normalWithin(k)}`);
  }
});

t.test('errors as large as the model says are reported as such, and larger ones as larger', async (t) => {
  const sd = formulaReading(0, 0).valenceSd;
  const items = normalErrors(2000).map((error, i) => ({
    prediction: formulaReading(0.5, 0.5),
    label: { valence: 0.5 + (i % 2 === 0 ? 1 : -1) * sd * error, arousal: 0.5 + 2 * sd * error },
  }));
  const { valence, arousal } = calibration(items);
  DEVIATIONS.forEach((k, i) => {
    t.ok(Math.abs(valence.within[i]! - normalWithin(k)) < 2e-3, `valence within ${k}`);
    t.ok(Math.abs(arousal.within[i]! - normalWithin(k / 2)) < 2e-3, `arousal within ${k}`);
  });
  t.ok(Math.abs(valence.ratio - 1) < 0.01, `${valence.ratio}`);
  t.ok(Math.abs(arousal.ratio - 2) < 0.02, `${arousal.ratio}`);
});
