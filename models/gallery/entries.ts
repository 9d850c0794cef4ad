import { sha256 } from '../checksum.ts';
import type { FindingSummary, JournalPlace, SeenFile } from './journal.ts';

/** A picture of the new index: a file, the finding about its content, and the place of its embedding. */
export interface Entry extends SeenFile, FindingSummary {
  readonly embedding: EmbeddingPlace;
}

/** In the journal of this run, or in a row of the previous index. */
type EmbeddingPlace = { readonly inJournal: JournalPlace } | { readonly row: number };

/** A picture of the previous index. */
export interface PreviousEntry {
  readonly file: string;
  readonly content: string;
  readonly id: string;
}

const ID_DIGITS = 16;

/**
 * Gives each picture its id: 16 hexadecimal digits. A file with the same name and content keeps its id. A file with the
 * content of a missing one counts as renamed and takes that one's id. A new id is the beginning of the content's SHA-256
 * (for a further copy of the same content, of content and name), so that the same folder gets the same ids on every
 * machine. A file with other content is another picture.
 * @param entries ordered by file
 */
export function assignIds(
  entries: readonly Pick<Entry, 'file' | 'content'>[],
  before: readonly PreviousEntry[],
): string[] {
  const ids = new Array<string | undefined>(entries.length);
  const used = new Set<string>();
  const previousByFile = new Map(before.map((previous) => [previous.file, previous]));
  entries.forEach(({ file, content }, i) => {
    const previous = previousByFile.get(file);
    if (previous?.content !== content) return;
    ids[i] = previous.id;
    used.add(previous.id);
  });
  const left = new Map<string, string[]>();
  for (const { content, id } of before) {
    if (used.has(id)) continue;
    const others = left.get(content);
    if (others) others.push(id);
    else left.set(content, [id]);
  }
  return entries.map(({ file, content }, i) => {
    let id = ids[i] ?? left.get(content)?.shift() ?? content.slice(0, ID_DIGITS);
    for (let copy = 0; ids[i] === undefined && used.has(id); copy++) {
      id = sha256(`${content}\n${file}\n${copy}`).slice(0, ID_DIGITS);
    }
    used.add(id);
    return id;
  });
}
