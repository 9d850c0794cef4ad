import { Random } from '../../random.ts';
import { SPLITS, type Split } from '../split.ts';

/** The paper's split of pictures and songs. */
const SHARES: Readonly<Record<Split, number>> = { train: 0.8, val: 0.05, test: 0.15 };

/**
 * Gives every group (a song with its clips, a picture, a theme of pictures) to one split, 80 % to train, 5 % to val and
 * 15 % to test, at random. Shares count groups, rounded; with at least three groups no split stays empty. The result
 * depends on the seed, the purpose and the set of groups, not on their order.
 */
export function drawSplits(groups: Iterable<string>, seed: number, purpose: string): Map<string, Split> {
  const shuffled = Random.seeded(seed, purpose).shuffle([...new Set(groups)].sort());
  const count = shuffled.length;
  const least = count >= SPLITS.length ? 1 : 0;
  const val = Math.max(least, Math.round(count * SHARES.val));
  const test = Math.max(least, Math.round(count * SHARES.test));
  const train = count - val - test;
  return new Map(
    shuffled.map((group, index) => [group, index < train ? 'train' : index < train + val ? 'val' : 'test']),
  );
}
