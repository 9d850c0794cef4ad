import fc from 'fast-check';
import t, { type Test } from 'tap';
import {
  meanDistance,
  meanPoint,
  meanSimilarity,
  planePoints,
  similarity,
  type PlanePoints,
} from '../../../models/plane.ts';
import {
  areaUnderCurve,
  rankCorrelation,
  regressionMetrics,
  retrievalMetrics,
  similarityMetrics,
} from '../../../models/training/index.ts';

/** Pictures at (0,0), (0.3,0.4), (0,1); clips at (0,0) and (0,1). Distances: 0, 0.5, 1 and 1, √0.45, 0. */
const images: PlanePoints = { valence: [0, 0.3, 0], arousal: [0, 0.4, 1] };
const clips: PlanePoints = { valence: [0, 0], arousal: [0, 1] };
const FAR = Math.sqrt(0.45);

function close(t: Test, actual: number, expected: number, name: string): void {
  t.ok(Math.abs(actual - expected) < 1e-12, `${name}: ${actual}, not ${expected}`);
}

t.test('σ and the constants', async (t) => {
  close(t, meanDistance(images, clips), (0 + 0.5 + 1 + 1 + FAR + 0) / 6, 'σ');
  const sigma = 0.5;
  const all = [0, 0.5, 1, 1, FAR, 0].map((distance) => Math.exp(-distance / 0.5));
  close(t, meanSimilarity(images, clips, sigma), all.reduce((a, b) => a + b) / 6, 'mean similarity');
  t.equal(similarity(0, 0.3844), 1);
  close(t, similarity(0.3844, 0.3844), Math.exp(-1), 's(σ)');
  t.same(meanPoint({ valence: [0, 1], arousal: [0.25, 0.75] }), { valence: 0.5, arousal: 0.5 });
  t.same(planePoints([{ valence: 1, arousal: 0.5 }]), {
    valence: Float64Array.of(1),
    arousal: Float64Array.of(0.5),
  });
});

t.test("the released IMEMNet's scale: similarity 0.8758 is a distance of 0.051", async (t) => {
  close(t, similarity(-0.3844 * Math.log(0.8757995366765425), 0.3844), 0.8757995366765425, 's');
});

t.test('regression', async (t) => {
  // Errors 0.1, −0.2, 0; mean of the truth 0.5, its squares 0.25 + 0 + 0.25.
  const { mse, mae, constantMse, constantMae, r2 } = regressionMetrics([0.1, 0.3, 1], [0, 0.5, 1], 0.4);
  close(t, mse, 0.05 / 3, 'mse');
  close(t, mae, 0.1, 'mae');
  close(t, constantMse, (0.16 + 0.01 + 0.36) / 3, 'constant mse');
  close(t, constantMae, (0.4 + 0.1 + 0.6) / 3, 'constant mae');
  close(t, r2, 1 - 0.05 / 0.5, 'r2');
  t.ok(Number.isNaN(regressionMetrics([1, 2], [0.5, 0.5], 0).r2));
  close(t, regressionMetrics([0.5, 0.5], [0, 1], 0.5).r2, 0, "the truth's own mean");
});

t.test('similarity over all pairs', async (t) => {
  const sigma = 1;
  const truth = [1, Math.exp(-0.5), Math.exp(-1), Math.exp(-1), Math.exp(-FAR), 1];
  const predicted = [1, 0.5, 0.25, 0.5, 0.5, 0.75];
  const constant = 0.6;
  const result = similarityMetrics(images, clips, sigma, constant, (clip, out) => {
    out.set(predicted.slice(clip * 3, clip * 3 + 3));
  });
  const mean = (of: (s: number, index: number) => number) =>
    truth.reduce((sum, s, i) => sum + of(s, i), 0) / 6;
  close(
    t,
    result.mse,
    mean((s, i) => (predicted[i]! - s) ** 2),
    'mse',
  );
  close(
    t,
    result.mae,
    mean((s, i) => Math.abs(predicted[i]! - s)),
    'mae',
  );
  close(
    t,
    result.constantMse,
    mean((s) => (constant - s) ** 2),
    'constant mse',
  );
  close(
    t,
    result.constantMae,
    mean((s) => Math.abs(constant - s)),
    'constant mae',
  );
});

t.test('retrieval', async (t) => {
  const ranked = (scores: number[][]) =>
    retrievalMetrics(images, clips, (clip, out) => {
      out.set(scores[clip]!);
    });
  const random = (1.5 + 1 + FAR) / 6;

  const best = ranked([
    [3, 2, 1],
    [1, 2, 3],
  ]);
  close(t, best.top1Distance, 0, 'top 1');
  close(t, best.oracleDistance, 0, 'oracle');
  close(t, best.randomDistance, random, 'random');
  close(t, best.top5Distance, random, 'five of three are all');
  close(t, best.gapClosed, 1, 'gap');

  const half = ranked([
    [1, 5, 1],
    [0, 0, 9],
  ]);
  close(t, half.top1Distance, 0.25, 'top 1');
  close(t, half.gapClosed, (random - 0.25) / random, 'gap');

  t.equal(
    ranked([
      [1, 1, 1],
      [1, 1, 1],
    ]).top1Distance,
    0.5,
    'of equal scores the first',
  );
  t.equal(
    ranked([
      [NaN, NaN, 0],
      [NaN, 1, NaN],
    ]).top1Distance,
    (1 + FAR) / 2,
    'NaN is last',
  );
  const one = { valence: [0.5], arousal: [0.5] };
  t.ok(Number.isNaN(retrievalMetrics(one, clips, () => undefined).gapClosed));
});

t.test('the five ranked first are those that sorting gives', async () => {
  const unit = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(unit, fc.nat(6)), { minLength: 5, maxLength: 40 }), (rows) => {
      const pictures = { valence: rows.map(([valence]) => valence), arousal: rows.map(() => 0) };
      const clip = { valence: [0], arousal: [0] };
      const result = retrievalMetrics(pictures, clip, (_, out) => {
        rows.forEach(([, score], index) => (out[index] = score));
      });
      const order = rows.map((_, i) => i).sort((i, j) => rows[j]![1] - rows[i]![1] || i - j);
      const expected = order.slice(0, 5).reduce((sum, i) => sum + rows[i]![0], 0) / 5;
      const first = rows[order[0]!]![0];
      return (
        Math.abs(result.top5Distance - expected) < 1e-12 && Math.abs(result.top1Distance - first) < 1e-12
      );
    }),
  );
});

t.test('area under the curve', async (t) => {
  t.equal(areaUnderCurve([1, 2, 3, 4], [false, false, true, true]), 1);
  t.equal(areaUnderCurve([4, 3, 2, 1], [false, false, true, true]), 0);
  t.equal(areaUnderCurve([1, 1, 1], [true, false, true]), 0.5);
  // Positives 3 and 1 against negatives 2, 1, 0: 3 wins; 0 wins + ½ + 1.
  t.equal(areaUnderCurve([3, 1, 2, 1, 0], [true, true, false, false, false]), (3 + 1.5) / 6);
  t.ok(Number.isNaN(areaUnderCurve([1, 2], [true, true])));
  fc.assert(
    fc.property(
      fc
        .array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()), { minLength: 2 })
        .filter((cases) => cases.some(([, p]) => p) && cases.some(([, p]) => !p)),
      (cases) => {
        const positives = cases.filter(([, p]) => p);
        const negatives = cases.filter(([, p]) => !p);
        let wins = 0;
        for (const [a] of positives) for (const [b] of negatives) wins += a > b ? 1 : a === b ? 0.5 : 0;
        const area = areaUnderCurve(
          cases.map(([s]) => s),
          cases.map(([, p]) => p),
        );
        return Math.abs(area - wins / (positives.length * negatives.length)) < 1e-12;
      },
    ),
  );
});

t.test('rank correlation', async (t) => {
  t.equal(rankCorrelation([1, 20, 300], [0.1, 0.2, 0.9]), 1);
  t.equal(rankCorrelation([1, 20, 300], [3, 2, 1]), -1);
  // The textbook's 1 − 6 Σd² / n(n² − 1) with d = 1, 1, 1, 1, 0.
  close(t, rankCorrelation([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]), 1 - 24 / 120, 'without ties');
  // Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: covariance 4.5, variances 4.5 and 5.
  close(t, rankCorrelation([0, 5, 5, 9], [1, 2, 3, 4]), 4.5 / Math.sqrt(4.5 * 5), 'with ties');
  t.ok(Number.isNaN(rankCorrelation([1, 1], [1, 2])));
});

t.test('a thousand pictures and ten thousand clips are no burden', async (t) => {
  const many = (count: number, step: number): PlanePoints => ({
    valence: Float64Array.from({ length: count }, (_, i) => (i * step) % 1),
    arousal: Float64Array.from({ length: count }, (_, i) => (i * step * step) % 1),
  });
  const pictures = many(1000, 0.618);
  const sounds = many(10_000, 0.414);
  const started = performance.now();
  const sigma = meanDistance(pictures, sounds);
  const result = similarityMetrics(pictures, sounds, sigma, 0.4, (_, out) => out.fill(0.4));
  const retrieval = retrievalMetrics(pictures, sounds, (_, out) => out.fill(1));
  t.comment(`${(performance.now() - started).toFixed(0)} ms`);
  close(t, result.mse, result.constantMse, 'constant');
  t.ok(Math.abs(retrieval.randomDistance - sigma) < 1e-9);
});
