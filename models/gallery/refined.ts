import type { RefinedReadings } from '../serving/model.ts';
import { FormerIndex } from './former.ts';
import type { Journal } from './journal.ts';
import { layoutOf } from './layout.ts';

/**
 * Of a model that was refined: what the index of the model before holds is noted in the journal with the refined moods, so that
 * no picture is read again for a taste.
 *
 * @param former index of the model itself: what it holds is left out
 * @param notice told in one line of an index that is damaged; its pictures are read again
 * @throws SynestheteError WRITE_FAILED
 */
export async function noteRefined(
  folder: string,
  { base, of }: RefinedReadings,
  former: FormerIndex,
  journal: Journal,
  notice?: (line: string) => void,
): Promise<void> {
  const before = await FormerIndex.open(layoutOf(folder, { fingerprint: base }).index, notice);
  try {
    for (const [row, entry] of before.entries.entries()) {
      const { content, file } = entry;
      const isKnown = former.byContent(content) !== undefined || journal.found.has(content);
      // What a run that was ended saw of a file is newer.
      if (isKnown || journal.seen.has(file)) continue;
      const embedding = await before.embeddingNumbers(row);
      await journal.add({ file, bytes: entry.bytes, modifiedMs: entry.modifiedMs }, content, {
        ...entry,
        ...of(entry, embedding),
        embedding,
      });
    }
  } finally {
    await before.close();
  }
}
