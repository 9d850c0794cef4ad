import t from 'tap';
import {
  expectedDistance,
  embeddingRanking,
  PLANE_RANKING,
  pictureVectors,
} from '../../../models/model/index.ts';
import { formulaReading } from '../../support/formula-model.ts';

/**
 * E|x| for x Gaussian around (dv, da) with these variances, exactly:
 *   E|x| = 1/√π ∫₀^∞ (1 − E exp(−u²|x|²)) u⁻² du,
 * of which the expectation is a product of two closed factors. With u = tan θ / √μ the integrand is smooth and periodic,
 * so that the midpoint rule is right to a millionth with 100 points.
 */
function exactDistance(dv: number, da: number, vv: number, va: number): number {
  const points = 100;
  const mean = dv * dv + da * da + vv + va;
  const factor = (d: number, variance: number, s: number) =>
    Math.exp((-s * d * d) / (1 + 2 * s * variance)) / Math.sqrt(1 + 2 * s * variance);
  let sum = 0;
  for (let i = 0; i < points; i++) {
    const theta = ((i + 0.5) * Math.PI) / (2 * points);
    const s = Math.tan(theta) ** 2 / mean;
    sum += (1 - factor(dv, vv, s) * factor(da, va, s)) / Math.sin(theta) ** 2;
  }
  return (Math.sqrt(mean / Math.PI) * sum * Math.PI) / (2 * points);
}

t.test('the integral is right where there are formulas', async (t) => {
  const near = (found: number, expected: number) =>
    t.ok(Math.abs(found / expected - 1) < 1e-6, `${found}, ${expected}`);
  near(exactDistance(0, 0, 0.04, 0.04), 0.2 * Math.sqrt(Math.PI / 2)); // Rayleigh
  near(exactDistance(0.6, 0.8, 1e-10, 1e-10), 1);
  // Rice with ν = σ: σ √(π/2) e^(−1/4) (3/2 I₀(1/4) + 1/2 I₁(1/4)).
  near(
    exactDistance(0.2, 0, 0.04, 0.04),
    0.2 * Math.sqrt(Math.PI / 2) * Math.exp(-0.25) * (1.5 * 1.0156861412 + 0.5 * 0.1259791087),
  );
});

t.test('the closed form is within 1 % over the range of use', async (t) => {
  let worst = 0;
  let squares = 0;
  let count = 0;
  for (const sv of [0.02, 0.05, 0.1, 0.2, 0.3]) {
    for (const sa of [0.02, 0.05, 0.1, 0.2, 0.3]) {
      for (let d = 0; d <= 1; d += 0.05) {
        for (let degrees = 0; degrees <= 90; degrees += 10) {
          const dv = d * Math.cos((degrees * Math.PI) / 180);
          const da = d * Math.sin((degrees * Math.PI) / 180);
          const error =
            expectedDistance(dv, da, sv ** 2, sa ** 2) / exactDistance(dv, da, sv ** 2, sa ** 2) - 1;
          worst = Math.max(worst, Math.abs(error));
          squares += error ** 2;
          count += 1;
        }
      }
    }
  }
  t.ok(worst < 0.01, `worst ${worst}`);
  t.ok(Math.sqrt(squares / count) < 0.0035, `root mean square ${Math.sqrt(squares / count)}`);
});

t.test('it grows with the distance and with the errors, and is the distance without them', async (t) => {
  t.ok(Math.abs(expectedDistance(0.3, -0.4, 0, 0) - 0.5) < 1e-12);
  for (const [vv, va] of [
    [0.0004, 0.09],
    [0.01, 0.01],
    [0.09, 0.0004],
  ] as const) {
    let before = 0;
    for (let d = 0; d <= 1.5; d += 0.01) {
      const found = expectedDistance(d, d / 2, vv, va);
      t.ok(found > before, `${d}`);
      t.ok(expectedDistance(d, d / 2, vv + 0.01, va + 0.01) > found);
      before = found;
    }
  }
});

t.test(
  'the plane ranks by it: of two pictures equally far the more certain one, if they are near',
  async (t) => {
    const clip = formulaReading(0.5, 0.5);
    const sure = { ...formulaReading(0.6, 0.5), valenceSd: 0.05, arousalSd: 0.05 };
    const vague = { ...formulaReading(0.6, 0.5), valenceSd: 0.3, arousalSd: 0.3 };
    const farther = { ...formulaReading(0.65, 0.5), valenceSd: 0.05, arousalSd: 0.05 };
    const vectors = pictureVectors([sure, vague, farther], PLANE_RANKING.width, (one) =>
      PLANE_RANKING.pictureVector(one),
    );
    const [a, b, c] = PLANE_RANKING.scores(vectors, PLANE_RANKING.queryVector(clip));
    t.ok(a! > c! && c! > b!, `${a}, ${c}, ${b}`);
    t.ok(
      Math.abs(a! + expectedDistance(0.1, 0, 0.0125, 0.0125)) < 1e-6,
      'the score is the distance with its sign turned',
    );
  },
);

t.test('a ranking of embeddings is that of their distances', async (t) => {
  const ranking = embeddingRanking(3);
  const of = (...embedding: number[]) => formulaReading(0.5, 0.5, Float32Array.from(embedding));
  const pictures = [of(0, 0, 1), of(3, 3, 3), of(0, 1, 1)];
  const vectors = pictureVectors(pictures, ranking.width, (one) => ranking.pictureVector(one));
  const scores = ranking.scores(vectors, ranking.queryVector(of(0, 0.9, 1)));
  t.same(
    [...scores.keys()].sort((i, j) => scores[j]! - scores[i]!),
    [2, 0, 1],
  );
});
