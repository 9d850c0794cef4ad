import { similarity } from '../../plane.ts';
import { Random } from '../../random.ts';
import { IMEMNET_PAIRS, samplePairs } from '../imemnet/index.ts';
import type { IndexedPair } from '../imemnet/index.ts';
import type { SplitData } from './data.ts';

/**
 * IMEMNet's five pairs for each clip of a split, when no file lists pairs.
 * @param purpose keeps draws of one seed apart
 */
export function drawPairs(
  { pictureMoods, clipMoods }: Pick<SplitData, 'pictureMoods' | 'clipMoods'>,
  sigma: number,
  seed: number,
  purpose = 'pairs of clips',
): IndexedPair[] {
  return samplePairs(pictureMoods, clipMoods, IMEMNET_PAIRS, Random.seeded(seed, purpose)).map(
    ([clip, picture, distance]) => ({ picture, clip, similarity: similarity(distance, sigma) }),
  );
}
