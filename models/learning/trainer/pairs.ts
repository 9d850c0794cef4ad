import { IMEMNET_PAIRS, samplePairs } from '../imemnet/index.ts';
import type { SimilarityPair } from '../imemnet/index.ts';
import { similarity } from '../plane.ts';
import { Random } from '../random.ts';
import { badTable } from '../table.ts';
import type { Split } from '../manifest.ts';
import type { SplitData } from './data.ts';

/** A pair by its places in the train split, and METHOD's similarity (1) of the two. */
export interface TrainingPair {
  readonly picture: number;
  readonly clip: number;
  readonly similarity: number;
}

/** A file of pairs that was read. */
export interface PairList {
  readonly path: string;
  readonly pairs: readonly SimilarityPair[];
}

/**
 * IMEMNet's five pairs for each clip of a split, where no file lists pairs.
 * @param purpose keeps draws of one seed apart
 */
export function drawPairs(
  { pictureMoods, clipMoods }: Pick<SplitData, 'pictureMoods' | 'clipMoods'>,
  sigma: number,
  seed: number,
  purpose = 'pairs of clips',
): TrainingPair[] {
  return samplePairs(pictureMoods, clipMoods, IMEMNET_PAIRS, Random.seeded(seed, purpose)).map(
    ([clip, picture, distance]) => ({ picture, clip, similarity: similarity(distance, sigma) }),
  );
}

/**
 * Of the pairs that a file lists, those whose picture and clip the split has; how many it lacks is noticed.
 * @throws SynestheteError BAD_TABLE when it lacks more than half of them
 */
export function indexPairs(
  { path, pairs: listed }: PairList,
  split: Split,
  data: Pick<SplitData, 'pictures' | 'clips'>,
  notice: (line: string) => void,
): TrainingPair[] {
  const pictures = new Map(data.pictures.map(({ id }, index) => [id, index]));
  const clips = new Map(data.clips.map(({ id }, index) => [id, index]));
  const unknown: string[] = [];
  const pairs = listed.flatMap(({ song, clip, picture, similarity }) => {
    const found = { picture: pictures.get(picture), clip: clips.get(`${song}-${clip}`) };
    if (found.clip === undefined) unknown.push(`clip ${song}-${clip}`);
    else if (found.picture === undefined) unknown.push(`picture ${picture}`);
    if (found.picture === undefined || found.clip === undefined) return [];
    return [{ picture: found.picture, clip: found.clip, similarity }];
  });
  if (unknown.length === 0) return pairs;
  const those = `${unknown.length} of ${listed.length} pairs, as of ${unknown[0]!}`;
  if (unknown.length > listed.length / 2) {
    throw badTable(
      path,
      `has ${those}, of which the split ${split} of the manifests knows nothing; their ids must be those of the pairs ("synesthete dataset imemnet --released" makes such manifests for IMEMNet's own lists)`,
    );
  }
  notice(`left out: ${those}, which ${path} has and the split ${split} has not`);
  return pairs;
}
