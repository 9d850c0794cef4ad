import type { RefinedPredictions } from '../model/index.ts';
import type { FormerEntry, Entry } from './entries.ts';
import { FormerIndex } from './former.ts';
import type { Journal, SeenFile } from './journal.ts';
import { layoutOf } from './layout.ts';
import type { ReadingOptions } from './reading.ts';

/** Between two of so many moods the rest of the program gets its turn, and a run can be ended. */
const TOLD_EVERY = 100;

/** What a run knows before it reads. */
interface Known {
  /** The files that the gallery has. */
  readonly files: readonly SeenFile[];
  /** Index of the model itself: what it holds is left out. */
  readonly former: FormerIndex;
  readonly journal: Journal;
}

/**
 * Of a model that was refined: what the index of the model before holds is noted in the journal with the refined moods, so that
 * no picture is read again for a taste. Only of files that are there and that the model's own index doesn't know: pictures that
 * are gone are not noted.
 *
 * @param options `notice` is told in one line of an index that is damaged; its pictures are read again
 * @throws SynestheteError WRITE_FAILED; the signal's reason when it ends the run, what was noted is kept
 */
export async function noteRefined(
  folder: string,
  { base, of }: RefinedPredictions,
  { files, former, journal }: Known,
  options: Pick<ReadingOptions, 'onProgress' | 'signal'> & { readonly notice?: (line: string) => void },
): Promise<void> {
  const sizes = new Set(files.filter((seen) => !isKnown(seen, former)).map(({ bytes }) => bytes));
  if (sizes.size === 0) return;
  const before = await FormerIndex.open(layoutOf(folder, { fingerprint: base }).index, options.notice);
  try {
    // A file that was renamed has its size still.
    const isWanted = ({ content, file, bytes }: Entry & FormerEntry): boolean =>
      sizes.has(bytes) &&
      former.byContent(content) === undefined &&
      !journal.found.has(content) &&
      // What a run that was ended saw of a file is newer.
      !journal.seen.has(file);
    const wanted = [...before.entries.entries()].filter(([, entry]) => isWanted(entry));
    const tell = (done: number): void => {
      options.signal?.throwIfAborted();
      options.onProgress?.({ stage: 'refining', done, total: wanted.length });
    };
    if (wanted.length > 0) tell(0);
    for (const [i, [row, entry]] of wanted.entries()) {
      const embedding = await before.embeddingNumbers(row);
      await journal.add(
        { file: entry.file, bytes: entry.bytes, modifiedMs: entry.modifiedMs },
        entry.content,
        {
          ...entry,
          ...of(entry, embedding),
          embedding,
        },
      );
      if ((i + 1) % TOLD_EVERY === 0 || i + 1 === wanted.length) tell(i + 1);
    }
  } finally {
    await before.close();
  }
}

function isKnown({ file, bytes, modifiedMs }: SeenFile, former: FormerIndex): boolean {
  const found = former.byFile(file);
  return found?.bytes === bytes && found.modifiedMs === modifiedMs;
}
