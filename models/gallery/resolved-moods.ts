import {
  inLine,
  MOODS_NAME,
  namedFiles,
  type HandMood,
  type MoodFault,
  type MoodsTable,
} from '../moods/index.ts';
import { beginsAsPicture } from '../pictures/index.ts';
import type { FileRows } from './file-rows.ts';

/** A table of moods as it applies to the pictures of an index. */
export interface ResolvedMoods {
  /** By row of the index. */
  readonly byRow: ReadonlyMap<number, HandMood>;
  /** Lines that don't count, as `moods.csv, line 3: …`, in order. */
  readonly faults: readonly string[];
}

export const NO_HAND: ResolvedMoods = { byRow: new Map(), faults: [] };

/**
 * Finds the pictures that a table names. Passes over rows of other files in the gallery's folder, such as songs;
 * reports rows whose files don't exist.
 */
export async function resolveMoods(
  { rows, faults }: MoodsTable,
  gallery: string,
  pictures: FileRows,
): Promise<ResolvedMoods> {
  const byRow = new Map<number, HandMood>();
  const wrong: MoodFault[] = [];
  const unknown = rows.filter(({ file }) => pictures.get(file) === undefined);
  const others = await otherFiles(gallery, [...new Set(unknown.map(({ file }) => file))]);
  for (const { line, file, valence, arousal, startSeconds, endSeconds } of rows) {
    const row = pictures.get(file);
    if (row === undefined) {
      if (!others.has(file)) wrong.push({ line, reason: notThere(file) });
    } else if (startSeconds !== undefined || endSeconds !== undefined) {
      wrong.push({
        line,
        reason: `${inLine(file)} is a picture: leave start and end empty, they are for sound`,
      });
    } else if (byRow.has(row)) {
      wrong.push({ line, reason: `${inLine(file)} stands there in another Unicode form already` });
    } else byRow.set(row, { valence, arousal });
  }
  const all = [...faults, ...wrong].sort((a, b) => a.line - b.line);
  return { byRow, faults: all.map(({ line, reason }) => `${MOODS_NAME}, line ${line}: ${reason}`) };
}

/**
 * The names of existing files in a gallery's folder that are no pictures. It ignores names that lead out of the folder:
 * a table may come from the network and must not probe this machine.
 */
export async function otherFiles(gallery: string, names: readonly string[]): Promise<ReadonlySet<string>> {
  const found = await namedFiles(gallery, names.filter(isBelow));
  const others = new Set<string>();
  for (const [name, path] of found) {
    if (!(await beginsAsPicture(path).catch(() => true))) others.add(name);
  }
  return others;
}

function isBelow(name: string): boolean {
  return !/^(?:[a-z]:)?[\\/]/iu.test(name) && !name.split(/[\\/]/u).includes('..') && !name.includes('\0');
}

function notThere(file: string): string {
  const why = file.includes('\\') ? 'write / between folders' : 'name it as it lies below the gallery';
  return `there is no picture ${inLine(file)} in the index: ${why}`;
}
