import { sha256 } from '../checksum.ts';
import type { FindingSummary, JournalPlace, SeenFile } from './journal.ts';

/** A picture of an index that is being made: a file, what its content is, and where its embedding lies. */
export interface Entry extends SeenFile, FindingSummary {
  readonly embedding: EmbeddingPlace;
}

/** In the journal of this run, or in a row of the index before. */
type EmbeddingPlace = { readonly inJournal: JournalPlace } | { readonly row: number };

/** A picture of the index before. */
export interface FormerEntry {
  readonly file: string;
  readonly content: string;
  readonly id: string;
}

const ID_DIGITS = 16;

/**
 * Gives each picture its id: 16 hexadecimal digits. The same file keeps its id: where it has its name and content it is
 * the one it had; a file with the content of one that is gone was renamed, and takes over that one's id. A new one is
 * the beginning of its content's SHA-256 (for a further copy of the same content, that of content and name), so that
 * the same folder gets the same ids on every machine. A file with another content is another picture.
 * @param entries ordered by file
 */
export function assignIds(
  entries: readonly Pick<Entry, 'file' | 'content'>[],
  before: readonly FormerEntry[],
): string[] {
  const ids = new Array<string | undefined>(entries.length);
  const used = new Set<string>();
  const formerByFile = new Map(before.map((former) => [former.file, former]));
  entries.forEach(({ file, content }, i) => {
    const former = formerByFile.get(file);
    if (former?.content !== content) return;
    ids[i] = former.id;
    used.add(former.id);
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
