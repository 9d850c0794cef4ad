import type { FileMoods } from '../../models/moods/index.ts';
import { warn } from './failure.ts';

/**
 * The moods that people gave sound files, of the moods.csv beside each; how many files have any is told in one line.
 *
 * @throws SynestheteError BAD_TABLE for a row that is wrong, with its number.
 */
export async function handMoodsOf(files: readonly string[]): Promise<ReadonlyMap<string, FileMoods>> {
  const { MoodsBeside } = await import('../../models/moods/index.ts');
  const beside = new MoodsBeside(warn);
  const found = new Map<string, FileMoods>();
  for (const file of new Set(files)) {
    const moods = await beside.of(file);
    if (moods !== undefined) found.set(file, moods);
  }
  return found;
}

/**
 * Tells in one line how many of the files that are played have moods by hand, and what those don't reach.
 * @param ranking what the model ranks pictures by
 */
export function tellHandMoods(
  files: readonly string[],
  moods: ReadonlyMap<string, FileMoods>,
  ranking: 'plane' | 'embedding' | 'predictor',
): void {
  if (moods.size === 0) return;
  const count = new Set(files).size;
  const what = count === 1 ? 'the file has' : `${moods.size} of ${count} files have`;
  const but =
    ranking === 'plane'
      ? ''
      : `; they change the mood that is told, but this model ranks pictures by ${ranking === 'embedding' ? 'embeddings' : 'its predictor'}, which hear the sound alone`;
  warn(`${what} moods by hand (moods.csv)${but}`);
}
