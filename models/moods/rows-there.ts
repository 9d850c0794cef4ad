import { dirname, resolve } from 'node:path';
import type { Notice } from '../remedy.ts';
import { namedFiles } from './named-file.ts';
import type { MoodRow, MoodsTable } from './table.ts';

/** Most lines of a table that are reported as not counting; of further ones, only the number. */
export const MOST_FAULTS_TOLD = 5;

/** A row whose file exists, with the file's path as the disk has it. */
export interface RowThere {
  readonly row: MoodRow;
  readonly file: string;
}

/**
 * The rows of a table of moods whose files exist, in the order of their lines.
 * @param path of the table
 * @param notice called with one line for each row that doesn't count, and about rows whose files don't exist
 */
export async function rowsThere(
  path: string,
  { rows, faults }: MoodsTable,
  notice: Notice,
): Promise<readonly RowThere[]> {
  const folder = dirname(resolve(path));
  for (const { line, reason } of faults.slice(0, MOST_FAULTS_TOLD)) {
    notice(`${path}, line ${line}: ${reason} (it does not count)`);
  }
  const more = faults.length - MOST_FAULTS_TOLD;
  if (more > 0) notice(`${path} has ${more} more lines that don't count`);
  const there = await namedFiles(folder, [...new Set(rows.map(({ file }) => file))]);
  const missing = rows.filter(({ file }) => !there.has(file));
  const [first] = missing;
  if (first !== undefined) {
    const others = missing.length === 1 ? '' : ` (and ${missing.length - 1} more like it)`;
    notice(
      `${path}, line ${first.line}: ${resolve(folder, first.file)} does not exist${others}; such rows are ignored`,
    );
  }
  return rows.flatMap((row) => {
    const file = there.get(row.file);
    return file === undefined ? [] : [{ row, file }];
  });
}
