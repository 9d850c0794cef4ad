import type { Random } from '../../random.ts';

/** docs/method.md: for each clip 50 pictures, 30 at random, the 10 most and the 10 least similar; 5 of them are kept. */
const AT_RANDOM = 30;
const MOST_SIMILAR = 10;
const LEAST_SIMILAR = 10;
export const PAIRS_OF_A_CLIP = 5;

/** Pictures among which the most and the least similar are searched. */
const CANDIDATES = 400;

export interface Pair {
  readonly picture: number;
  readonly clip: number;
}

/**
 * Training pairs in random order: exactly PAIRS_OF_A_CLIP of each drawn clip.
 * @param pictureMoods and `clipMoods`: row-major [points, 2]
 * @param count number of pairs; the last clip may have fewer
 */
export function drawPairs(
  pictureMoods: Float32Array,
  clipMoods: Float32Array,
  draw: { readonly picture: (random: Random) => number; readonly clip: (random: Random) => number },
  count: number,
  random: Random,
): Pair[] {
  const pairs: Pair[] = [];
  while (pairs.length < count) {
    const clip = draw.clip(random);
    const candidates = Array.from({ length: CANDIDATES }, () => {
      const picture = draw.picture(random);
      const distance = Math.hypot(
        pictureMoods[2 * picture]! - clipMoods[2 * clip]!,
        pictureMoods[2 * picture + 1]! - clipMoods[2 * clip + 1]!,
      );
      return { picture, distance };
    });
    const blind = candidates.slice(0, AT_RANDOM);
    const sorted = candidates.slice(AT_RANDOM).sort((a, b) => a.distance - b.distance);
    const pool = [...blind, ...sorted.slice(0, MOST_SIMILAR), ...sorted.slice(-LEAST_SIMILAR)];
    for (const { picture } of random.shuffle(pool).slice(0, PAIRS_OF_A_CLIP)) pairs.push({ picture, clip });
  }
  return random.shuffle(pairs.slice(0, count));
}
