import type { RefinedPredictions } from '../model/index.ts';
import type { Entry, PreviousEntry } from './entries.ts';
import { isUnchanged, seenOf, type SeenFile } from './journal.ts';
import { layoutOf } from './layout.ts';
import { PreviousIndex } from './previous-index.ts';
import type { IndexRun } from './run.ts';

/** Moods between two reports of progress, at which the run can also end. */
const REPORT_EVERY = 100;

/**
 * Notes in the journal, with refined moods, what the index of the base model holds, so that a refined model decodes no
 * picture again. It skips pictures that are gone and those that the refined model's own index holds.
 *
 * @param run its `notice` is called with one line when the base index is damaged; then the pictures are decoded again
 * @param files the gallery's files
 * @throws SynestheteError WRITE_FAILED; the signal's reason when it ends the run, with the notes so far kept
 */
export async function noteRefined(
  { layout, previousIndex, journal, options }: IndexRun,
  { base, of }: RefinedPredictions,
  files: readonly SeenFile[],
): Promise<void> {
  const sizes = new Set(files.filter((seen) => !isKnown(seen, previousIndex)).map(({ bytes }) => bytes));
  if (sizes.size === 0) return;
  const before = await PreviousIndex.open(
    layoutOf(layout.folder, { fingerprint: base }).index,
    options.notice,
  );
  try {
    // A renamed file keeps its size.
    const isWanted = ({ content, file, bytes }: Entry & PreviousEntry): boolean =>
      sizes.has(bytes) &&
      previousIndex.byContent(content) === undefined &&
      !journal.found.has(content) &&
      // An interrupted run saw the file later.
      !journal.seen.has(file);
    const wanted = [...before.entries.entries()].filter(([, entry]) => isWanted(entry));
    const report = (done: number): void => {
      options.signal?.throwIfAborted();
      options.onProgress?.({ stage: 'refining', done, total: wanted.length });
    };
    if (wanted.length > 0) report(0);
    for (const [i, [row, entry]] of wanted.entries()) {
      const embedding = await before.embeddingNumbers(row);
      await journal.add(seenOf(entry), entry.content, { ...entry, ...of(entry, embedding), embedding });
      if ((i + 1) % REPORT_EVERY === 0 || i + 1 === wanted.length) report(i + 1);
    }
  } finally {
    await before.close();
  }
}

function isKnown(seen: SeenFile, previousIndex: PreviousIndex): boolean {
  return isUnchanged(previousIndex.byFile(seen.file), seen);
}
