import t from 'tap';
import { similarity } from '../../../../models/plane.ts';
import {
  averagedSimilarity,
  errorVariance,
  expectedSimilarity,
  fitSimilarity,
} from '../../../../models/training/on-encoders/expected-similarity.ts';
import { noise } from '../../training/on-encoders/numbers.ts';

const SIGMA = 0.3;
const at = (valence: number, arousal: number) => ({ valence, arousal });

t.test('without errors the average is the similarity itself', async (t) => {
  const found = averagedSimilarity(at(0.2, 0.4), at(0.5, 0.8), at(0, 0), SIGMA);
  t.ok(Math.abs(found - similarity(0.5, SIGMA)) < 1e-12);
});

t.test('with errors it is the mean over them', async (t) => {
  const variance = at(0.02, 0.01);
  const found = averagedSimilarity(at(0.2, 0.4), at(0.5, 0.8), variance, SIGMA);
  // The same integral by a fine grid over ±5 standard deviations.
  let [sum, weights] = [0, 0];
  for (let i = -100; i <= 100; i++) {
    for (let j = -100; j <= 100; j++) {
      const weight = Math.exp(-((i / 20) ** 2 + (j / 20) ** 2) / 2);
      const dv = -0.3 + (i / 20) * Math.sqrt(variance.valence);
      const da = -0.4 + (j / 20) * Math.sqrt(variance.arousal);
      sum += weight * similarity(Math.hypot(dv, da), SIGMA);
      weights += weight;
    }
  }
  t.ok(Math.abs(found - sum / weights) < 1e-3, `${found} for ${sum / weights}`);
});

t.test('the mean squared errors of readings', async (t) => {
  const variance = errorVariance([
    { read: at(0.5, 0.5), truth: at(0.6, 0.5) },
    { read: at(0.5, 0.5), truth: at(0.5, 0.2) },
  ]);
  t.ok(Math.abs(variance.valence - 0.005) < 1e-12);
  t.ok(Math.abs(variance.arousal - 0.045) < 1e-12);
});

/** Truths over the plane, and readings of them that keep near the middle and are off. */
function judged(count: number, seed: number) {
  const numbers = noise(4 * count, seed);
  return Array.from({ length: count }, (_, i) => {
    const [v, a, ev, ea] = numbers.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number];
    const truth = at(0.5 + 0.4 * v, 0.5 + 0.4 * a);
    return { truth, read: at(0.5 + 0.2 * v + 0.1 * ev, 0.5 + 0.2 * a + 0.1 * ea) };
  });
}

t.test(
  'fitted, it is nearer to the truth than the similarity of the readings, on others as well',
  async (t) => {
    const fit = fitSimilarity(judged(80, 1), judged(60, 2), { sigma: SIGMA, varianceFactor: 1 });
    let [expected, plain, mean, count] = [0, 0, 0, 0];
    const pairs = judged(40, 3).flatMap((picture) => judged(40, 4).map((clip) => ({ picture, clip })));
    for (const { picture, clip } of pairs) {
      const truth = similarity(
        Math.hypot(picture.truth.valence - clip.truth.valence, picture.truth.arousal - clip.truth.arousal),
        SIGMA,
      );
      const distance = Math.hypot(
        picture.read.valence - clip.read.valence,
        picture.read.arousal - clip.read.arousal,
      );
      const found = expectedSimilarity(fit, picture.read, clip.read);
      if (!(found >= 0 && found <= 1)) t.fail(`${found} is no similarity`);
      expected += (found - truth) ** 2;
      plain += (similarity(distance, SIGMA) - truth) ** 2;
      mean += found - truth;
      count++;
    }
    t.ok(expected < 0.5 * plain, `${expected / plain} of the error`);
    t.ok(Math.abs(mean / count) < 0.03, `off by ${mean / count} in the mean`);
  },
);

t.test('what is far off every reading is still a similarity', async (t) => {
  const fit = { sigma: SIGMA, variance: at(0, 0), coefficients: [-9, ...new Array<number>(15).fill(0)] };
  t.equal(expectedSimilarity(fit, at(0, 0), at(1, 1)), 0);
});
