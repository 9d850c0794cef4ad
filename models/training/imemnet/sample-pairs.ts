import { distancesFrom, type PlanePoints } from '../../plane.ts';
import type { Random } from '../../random.ts';

/** Pictures paired with each clip. */
export interface PairCounts {
  readonly random: number;
  readonly most: number;
  readonly least: number;
  /** Pairs kept for each clip, or all if there are fewer. */
  readonly keep: number;
}

/**
 * As in docs/method.md: 30 pictures at random, the 10 most and the 10 least similar; of these 50, five drawn at random.
 * (The paper keeps 10 % of all pairs: in the released lists of val and test a clip has from 1 to 14, 4 or 5 on
 * average.)
 */
export const IMEMNET_PAIRS: PairCounts = { random: 30, most: 10, least: 10, keep: 5 };

/** A clip and a picture, by their places in the lists, and their distance in the plane. */
export type SampledPair = readonly [clip: number, image: number, distance: number];

/**
 * Draws IMEMNet's pairs within one split: for each clip the nearest pictures, the farthest, and others at random (all
 * different; all pictures if there are fewer), of which it keeps `keep`, every subset with the same probability. Ties
 * in distance are broken at random, independently for every clip.
 *
 * Time grows with clips × pictures, memory with pictures and with the pairs that are kept.
 */
export function samplePairs(
  images: PlanePoints,
  clips: PlanePoints,
  counts: PairCounts,
  random: Random,
): SampledPair[] {
  const imageCount = images.valence.length;
  const clipCount = clips.valence.length;
  const most = Math.min(counts.most, imageCount);
  const least = Math.min(counts.least, imageCount - most);
  const chance = Math.min(counts.random, imageCount - most - least);

  const distances = new Float64Array(imageCount);
  const taken = new Uint8Array(imageCount);
  const pairs: SampledPair[] = [];
  for (let clip = 0; clip < clipCount; clip++) {
    distancesFrom(clips, clip, images, distances);
    const from = imageCount === 0 ? 0 : random.below(imageCount);
    const chosen = [
      ...extremes(distances, most, from, 1, taken),
      ...extremes(distances, least, from, -1, taken),
    ];
    while (chosen.length < most + least + chance) {
      const image = random.below(imageCount);
      if (taken[image] === 1) continue;
      taken[image] = 1;
      chosen.push(image);
    }
    // Selection sampling (Knuth, TAOCP 2, algorithm S): keeps exactly `wanted` of the `left`, in their order.
    let left = chosen.length;
    let wanted = Math.min(counts.keep, left);
    for (const image of chosen) {
      taken[image] = 0;
      if (random.real() * left < wanted) {
        pairs.push([clip, image, distances[image]!]);
        wanted--;
      }
      left--;
    }
  }
  return pairs;
}

/**
 * The `count` smallest distances (sign 1) or largest (sign −1) of those not taken, which are marked as taken. The scan
 * starts at `from` and wraps around; of equal distances it takes the first ones from there.
 */
function extremes(
  distances: Float64Array,
  count: number,
  from: number,
  sign: 1 | -1,
  taken: Uint8Array,
): number[] {
  const best: number[] = [];
  const n = distances.length;
  let worst = Infinity;
  for (let step = 0; step < n && count > 0; step++) {
    const index = from + step < n ? from + step : from + step - n;
    const value = sign * distances[index]!;
    if (value >= worst || taken[index] === 1) continue;
    let place = best.length < count ? best.length : count - 1;
    while (place > 0 && value < sign * distances[best[place - 1]!]!) {
      best[place] = best[place - 1]!;
      place--;
    }
    best[place] = index;
    if (best.length === count) worst = sign * distances[best[count - 1]!]!;
  }
  for (const index of best) taken[index] = 1;
  return best;
}
