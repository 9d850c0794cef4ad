import { SynestheteError } from '../errors.ts';
import { CLIP_SECONDS } from '../features/index.ts';
import { FileMoods, MoodsFile, rowsThere, type MoodRow, type RowThere } from '../moods/index.ts';
import { beginsAsPicture } from '../pictures/index.ts';
import type { PlanePoint } from '../plane.ts';
import type { Notice } from '../remedy.ts';
import type { Manifest, ManifestLine } from './manifest.ts';
import { splitNamed } from './split.ts';
import { badTable } from './table.ts';

/** Which files of a table of moods are wanted: it may name pictures and songs. */
export type Medium = 'image' | 'music';

const OWN_COLUMNS = new Set(['file', 'valence', 'arousal', 'split', 'start', 'end', 'id']);

/**
 * Reads a `moods.csv` as a manifest, with the reader and the rules of the shows: wrong lines and rows of missing files
 * are reported and don't count, and where stretches overlap, each moment has the mood that a show would give it. Moods are
 * on [0, 1].
 *
 * @param medium leaves out files of the other kind; undefined: takes all
 * @param mayLackOne whether a stretch may lack valence or arousal
 * @throws SynestheteError BAD_TABLE when the whole can't be parsed, when no row counts, when one lacks what is needed
 *   or has a split of an unknown name; FILE_NOT_FOUND, NOT_A_FILE
 */
export async function readMoodsManifest(
  path: string,
  medium: Medium | undefined,
  mayLackOne: boolean,
  notice: Notice,
): Promise<Manifest> {
  const table = await new MoodsFile(path).read();
  if (table === null) throw new SynestheteError('FILE_NOT_FOUND', `${path} does not exist`);
  const { names } = table.layout.columns;
  const recordOf = new Map(table.layout.records.map((record) => [record.line, record]));
  const cellOf = ({ line }: MoodRow, column: string): string | undefined =>
    names.includes(column) ? (recordOf.get(line)!.cells[names.indexOf(column)]?.text ?? '') : undefined;
  const otherColumns = names.filter((name) => name !== '' && !OWN_COLUMNS.has(name));
  const byFile = new Map<string, RowThere[]>();
  for (const found of await rowsThere(path, table, notice)) {
    byFile.set(found.file, [...(byFile.get(found.file) ?? []), found]);
  }
  const entries: ManifestLine[] = [];
  for (const [file, found] of byFile) {
    const isPicture = await beginsAsPicture(file);
    if (medium !== undefined && isPicture !== (medium === 'image')) continue;
    const rows = found.map(({ row }) => row);
    for (const { index, startSeconds, endSeconds, mood } of new FileMoods(rows).pieces()) {
      // Between two cue points there may be less than a clip.
      if (!isPicture && endSeconds - startSeconds < CLIP_SECONDS) continue;
      const row = rows[index]!;
      const split = cellOf(row, 'split')?.trim() ?? '';
      const id = cellOf(row, 'id')?.trim() ?? '';
      entries.push({
        file,
        line: row.line,
        ...ratingOf(path, row, mood, mayLackOne),
        split: split === '' ? undefined : splitNamed(path, row.line, split),
        startSeconds: startSeconds === 0 ? undefined : startSeconds,
        endSeconds: endSeconds === Infinity ? undefined : endSeconds,
        id: id === '' ? undefined : id,
        columns: Object.fromEntries(otherColumns.map((name) => [name, cellOf(row, name) ?? ''])),
      });
    }
  }
  if (entries.length === 0) {
    const what = medium === undefined ? 'a file' : medium === 'image' ? 'a picture' : 'a song';
    throw badTable(path, `has no row that gives ${what} beside it a mood`);
  }
  return { path, entries, otherColumns };
}

function ratingOf(
  path: string,
  { line }: MoodRow,
  mood: Partial<PlanePoint>,
  mayLackOne: boolean,
): Pick<ManifestLine, 'rating' | 'partialRating'> {
  const { valence, arousal } = mood;
  if (valence !== undefined && arousal !== undefined) return { rating: { valence, arousal } };
  if (mayLackOne) return { rating: undefined, partialRating: mood };
  throw badTable(
    path,
    `line ${line}: ${valence === undefined ? 'valence' : 'arousal'} is empty, not a number`,
  );
}
