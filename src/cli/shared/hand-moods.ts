import type { FileMoods } from '../../../models/moods/index.ts';
import { warn } from '../terminal/failure.ts';

/**
 * The moods by hand of sound files, from the moods.csv beside each, by file.
 *
 * Warns of each wrong row in a line.
 *
 * @throws SynestheteError BAD_TABLE where a table can't be understood as a whole.
 */
export async function handMoodsOf(files: readonly string[]): Promise<ReadonlyMap<string, FileMoods>> {
  const { MoodsBeside } = await import('../../../models/moods/index.ts');
  const beside = new MoodsBeside(warn);
  const found = new Map<string, FileMoods>();
  for (const file of new Set(files)) {
    const moods = await beside.of(file);
    if (moods !== undefined) found.set(file, moods);
  }
  return found;
}

/** Says in one line how many of the files have moods by hand. */
export function reportHandMoods(files: readonly string[], moods: ReadonlyMap<string, FileMoods>): void {
  if (moods.size === 0) return;
  const count = new Set(files).size;
  const what = count === 1 ? 'the file has' : `${moods.size} of ${count} files have`;
  warn(`${what} moods by hand (moods.csv)`);
}
