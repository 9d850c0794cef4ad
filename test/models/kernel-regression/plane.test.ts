import t from 'tap';
import {
  averagedSimilarity,
  expectedSimilarity,
  fitSimilarity,
} from '../../../models/kernel-regression/expected-similarity.ts';
import { groupFolds, pairFigures } from '../../../models/kernel-regression/left-out.ts';
import { noise } from './numbers.ts';

const SIGMA = 0.38;
const at = (valence: number, arousal: number) => ({ valence, arousal });

/** Readings that keep halfway to the middle, and are off by something. */
function judged(count: number, seed: number) {
  const numbers = noise(4 * count, seed);
  return Array.from({ length: count }, (_, i) => {
    const n = (k: number) => numbers[4 * i + k]!;
    const truth = at(0.5 + 0.4 * n(0), 0.5 + 0.4 * n(1));
    const read = at(0.5 + 0.2 * n(0) + 0.1 * n(2), 0.5 + 0.2 * n(1) + 0.1 * n(3));
    return { read, truth, group: `group ${i % Math.ceil(count / 2)}` };
  });
}

t.test(
  'without error the averaged similarity is METHOD (1); with error it is nearer to its mean',
  async (t) => {
    const picture = at(0.2, 0.7);
    const none = at(0, 0);
    const exact = averagedSimilarity(picture, at(0.5, 0.3), none, SIGMA);
    t.ok(Math.abs(exact - Math.exp(-0.5 / SIGMA)) < 1e-12);
    const some = at(0.01, 0.01);
    t.ok(
      averagedSimilarity(picture, picture, some, SIGMA) < averagedSimilarity(picture, picture, none, SIGMA),
    );
  },
);

t.test(
  'a fitted similarity is in [0, 1] and better than the constant and than METHOD (1) of readings',
  async (t) => {
    const pictures = judged(60, 1);
    const clips = judged(50, 2);
    const fit = fitSimilarity(pictures, clips, { sigma: SIGMA, varianceFactor: 1 });
    const unseen = { pictures: judged(40, 3), clips: judged(40, 4) };
    const total = { fitted: 0, plain: 0, constant: 0 };
    const truths: number[] = [];
    for (const { read: p, truth } of unseen.pictures) {
      for (const { read: m, truth: other } of unseen.clips) {
        const s = Math.exp(-Math.hypot(truth.valence - other.valence, truth.arousal - other.arousal) / SIGMA);
        const fitted = expectedSimilarity(fit, p, m);
        t.ok(fitted >= 0 && fitted <= 1);
        truths.push(s);
        total.fitted += (fitted - s) ** 2;
        total.plain += (averagedSimilarity(p, m, at(0, 0), SIGMA) - s) ** 2;
      }
    }
    const mean = truths.reduce((sum, s) => sum + s, 0) / truths.length;
    total.constant = truths.reduce((sum, s) => sum + (s - mean) ** 2, 0);
    t.ok(total.fitted < 0.8 * total.constant, `${total.fitted} of ${total.constant}`);
    t.ok(total.fitted < total.plain);
  },
);

t.test('folds keep groups whole, spread each kind, and depend on the seed alone', async (t) => {
  const items = Array.from({ length: 60 }, (_, i) => ({ group: `g${i % 20}`, kind: i < 30 ? 'a' : 'b' }));
  const folds = groupFolds(items, 5, 1);
  t.same(folds, groupFolds(items, 5, 1));
  t.notSame(folds, groupFolds(items, 5, 2));
  for (const kind of ['a', 'b']) {
    const sizes = new Array<number>(5).fill(0);
    const foldOf = new Map<string, number>();
    items.forEach((item, i) => {
      if (item.kind !== kind) return;
      t.equal(foldOf.get(item.group) ?? folds[i], folds[i]);
      if (!foldOf.has(item.group)) sizes[folds[i]!]!++;
      foldOf.set(item.group, folds[i]!);
    });
    t.same(sizes, [4, 4, 4, 4, 4]);
  }
});

t.test('figures of pairs: perfect readings close the gap, empty ones do not', async (t) => {
  const options = { sigma: SIGMA, varianceFactor: 1, seed: 1 };
  const perfect = (count: number, seed: number) =>
    judged(count, seed).map((item) => ({ ...item, read: item.truth }));
  const good = pairFigures(perfect(80, 1), perfect(60, 2), options);
  t.ok(good.gapClosed > 0.99, `${good.gapClosed}`);
  t.ok(good.similarity < 0.1, `${good.similarity}`);
  const blank = (count: number, seed: number) =>
    judged(count, seed).map((item) => ({ ...item, read: at(0.5, 0.5) }));
  const bad = pairFigures(blank(80, 1), blank(60, 2), options);
  t.ok(bad.gapClosed < 0.4, `${bad.gapClosed}`);
  t.ok(Math.abs(bad.similarity - 1) < 0.1, `${bad.similarity}`);
});
