import t from 'tap';
import { Random } from '../../../../models/random.ts';
import { PAIRS_OF_A_CLIP, drawPairs } from '../../../../models/training/on-encoders/pairs.ts';
import { noise } from './numbers.ts';

const PICTURES = 3000;
const pictureMoods = Float32Array.from(noise(2 * PICTURES, 1), (value) => (value + 1) / 2);
const CLIPS = 200;
const clipMoods = Float32Array.from(noise(2 * CLIPS, 2), (value) => (value + 1) / 2);

/** Each clip once, in order, so that what is drawn for it can be counted. */
function drawn(count: number, seed: number) {
  let next = 0;
  const draw = { picture: (random: Random) => random.below(PICTURES), clip: () => next++ };
  return drawPairs(pictureMoods, clipMoods, draw, count, Random.seeded(seed, 'pairs'));
}

t.test('exactly five pairs of each drawn clip, in random order', async (t) => {
  const pairs = drawn(40 * PAIRS_OF_A_CLIP, 1);
  const counts = new Map<number, number>();
  for (const { clip } of pairs) counts.set(clip, (counts.get(clip) ?? 0) + 1);
  t.equal(PAIRS_OF_A_CLIP, 5);
  t.equal(counts.size, 40);
  t.ok([...counts.values()].every((count) => count === 5));
  const isSorted = pairs.every(({ clip }, i) => i === 0 || clip >= pairs[i - 1]!.clip);
  t.notOk(isSorted);
  t.equal(drawn(12, 1).length, 12, 'of the last clip fewer where the count is no multiple');
});

t.test(
  'three fifths of the pictures at random, one among the most similar, one among the least',
  async (t) => {
    const pairs = drawn(CLIPS * PAIRS_OF_A_CLIP, 2);
    // Of what part of all pictures each picture is nearer to its clip.
    const ranks = pairs.map(({ picture, clip }) => {
      const distance = (p: number) =>
        Math.hypot(
          pictureMoods[2 * p]! - clipMoods[2 * clip]!,
          pictureMoods[2 * p + 1]! - clipMoods[2 * clip + 1]!,
        );
      const own = distance(picture);
      let nearer = 0;
      for (let p = 0; p < PICTURES; p++) if (distance(p) < own) nearer++;
      return nearer / PICTURES;
    });
    const share = (from: number, to: number) =>
      ranks.filter((rank) => rank >= from && rank < to).length / ranks.length;
    // The 10 nearest of 370 lie within 10 / 370 = 0.027; of those at random as many do as anywhere.
    t.ok(Math.abs(share(0, 0.05) - (0.2 + 0.6 * 0.05)) < 0.04, `${share(0, 0.05)} similar`);
    t.ok(Math.abs(share(0.95, 1) - (0.2 + 0.6 * 0.05)) < 0.04, `${share(0.95, 1)} dissimilar`);
    t.ok(Math.abs(share(0.05, 0.95) - 0.6 * 0.9) < 0.05, `${share(0.05, 0.95)} between`);
  },
);

t.test('the same random numbers give the same pairs', async (t) => {
  t.same(drawn(50, 3), drawn(50, 3));
  t.notSame(drawn(50, 3), drawn(50, 4));
});
