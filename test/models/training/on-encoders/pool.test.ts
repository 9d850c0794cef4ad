import t from 'tap';
import { Random } from '../../../../models/random.ts';
import { poolDrawing, poolOf, poolWithout } from '../../../../models/training/on-encoders/pool.ts';
import { labelledSet, manifestLine } from './formula-files.ts';
import { noise } from './numbers.ts';

const SIZE = 4;
const COUNT = 60;
const sets = [labelledSet('few', []), labelledSet('many', [])];

/** Ten examples of one set, fifty of another, in five folds; in each fold all coordinates are near the fold's number. */
function side(): Parameters<typeof poolOf>[0] {
  const folds = Int32Array.from({ length: COUNT }, (_, i) => i % 5);
  const coordinates = Float32Array.from(
    noise(COUNT * SIZE, 1),
    (value, i) => folds[Math.floor(i / SIZE)]! + 0.4 * value,
  );
  const examples = Array.from({ length: COUNT }, (_, i) => ({
    set: sets[i < 10 ? 0 : 1]!,
    entry: manifestLine(`${i}.png`),
    features: new Float32Array(),
    rating: undefined,
    partialRating: undefined,
    category: undefined,
    isOriginal: true,
    weight: 1,
    group: `${i}`,
  }));
  return { examples, coordinates, size: SIZE, folds };
}

t.test('mixtures lie between examples of one fold, and are of that fold', async (t) => {
  const pool = poolOf(side(), 1);
  t.equal(pool.examples, COUNT);
  t.equal(pool.count, 5 * COUNT, 'four mixtures an example');
  t.same(pool.sets.map(({ length }) => length), [10, 50]); // prettier-ignore
  t.same(pool.coordinates.subarray(0, COUNT * SIZE), side().coordinates);
  for (let i = COUNT; i < pool.count; i++) {
    const own = pool.coordinates.subarray(i * SIZE, (i + 1) * SIZE);
    const isInside = own.every((value) => Math.abs(value - pool.folds[i]!) <= 0.4);
    if (!isInside) t.fail(`mixture ${i} is not of fold ${pool.folds[i]!}`);
  }
  const perFold = [0, 1, 2, 3, 4].map((fold) => pool.folds.filter((of) => of === fold).length);
  t.same(perFold, [60, 60, 60, 60, 60]);
});

t.test('the same seed gives the same mixtures', async (t) => {
  t.same(poolOf(side(), 3), poolOf(side(), 3));
  t.notSame(poolOf(side(), 3).coordinates, poolOf(side(), 4).coordinates);
});

t.test('drawing: half mixtures, of the others half of the first set', async (t) => {
  const few = side();
  const third = labelledSet('more', []);
  const examples = few.examples.map((example, i) => (i < 40 ? example : { ...example, set: third }));
  const pool = poolOf({ ...few, examples }, 1);
  const draw = poolDrawing(pool, -1);
  const random = Random.seeded(1, 'drawing');
  const drawn = Array.from({ length: 6000 }, () => draw(random));
  const share = (isOne: (i: number) => boolean) => drawn.filter(isOne).length / drawn.length;
  t.ok(Math.abs(share((i) => i >= COUNT) - 0.5) < 0.02);
  t.ok(Math.abs(share((i) => i < 10) - 0.25) < 0.02);
  t.ok(Math.abs(share((i) => i >= 10 && i < 40) - 0.125) < 0.02);
  t.ok(Math.abs(share((i) => i >= 40 && i < COUNT) - 0.125) < 0.02);
  t.equal(new Set(drawn.map((i) => pool.folds[i])).size, 5);
});

t.test('drawing leaves a fold out, its mixtures with it', async (t) => {
  const pool = poolOf(side(), 1);
  for (let fold = 0; fold < 5; fold++) {
    const draw = poolDrawing(pool, fold);
    const random = Random.seeded(2, 'drawing');
    const drawn = Array.from({ length: 2000 }, () => pool.folds[draw(random)]!);
    t.same([...new Set(drawn)].sort(), [0, 1, 2, 3, 4].filter((of) => of !== fold)); // prettier-ignore
  }
});

t.test('without a fold it holds no point of it, and draws what the whole would draw', async (t) => {
  const pool = poolOf(side(), 1);
  const moods = Float32Array.from({ length: 2 * pool.count }, (_, i) => i);
  const part = poolWithout(pool, moods, 2);
  t.equal(part.pool.count, 4 * COUNT);
  t.notOk(part.pool.folds.includes(2));
  const [whole, less] = [poolDrawing(pool, 2), poolDrawing(part.pool, -1)];
  const [one, other] = [Random.seeded(3, 'draws'), Random.seeded(3, 'draws')];
  for (let draw = 0; draw < 500; draw++) {
    const [i, place] = [whole(one), less(other)];
    t.equal(part.moods[2 * place], moods[2 * i]);
    const row = (of: Float32Array, at: number) => of.subarray(at * SIZE, (at + 1) * SIZE);
    if (row(part.pool.coordinates, place).join() !== row(pool.coordinates, i).join()) t.fail(`draw ${draw}`);
  }
  t.equal(poolWithout(pool, moods, -1).pool, pool, 'nothing is copied where nothing is left out');
});
