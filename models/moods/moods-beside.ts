import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FileMoods } from './file-moods.ts';
import { defaultMoodsFile, MoodsFile } from './moods-file.ts';
import { namedFiles } from './named-file.ts';
import type { MoodRow, MoodsTable } from './table.ts';

/** Most lines of a table that are reported as not counting; of further ones, only the number. */
export const MOST_FAULTS_TOLD = 5;

/** Finds the moods that people gave sound files, in the `moods.csv` beside each, which it reads once. */
export class MoodsBeside {
  readonly #notice: (line: string) => void;
  readonly #folders = new Map<string, Promise<ReadonlyMap<string, FileMoods>>>();

  /** @param notice called with one line for each row that doesn't count, and about rows whose files don't exist. */
  constructor(notice: (line: string) => void) {
    this.#notice = notice;
  }

  /**
   * The moods of a file; undefined when there is no moods.csv beside it, or no row names it.
   * @throws SynestheteError BAD_TABLE when the whole table can't be parsed, NOT_A_FILE, FILE_NOT_FOUND
   */
  async of(file: string): Promise<FileMoods | undefined> {
    const path = resolve(file);
    const folder = dirname(path);
    let moods = this.#folders.get(folder);
    if (moods === undefined) {
      moods = this.#read(folder);
      this.#folders.set(folder, moods);
    }
    return (await moods).get(keyOf(path));
  }

  async #read(folder: string): Promise<ReadonlyMap<string, FileMoods>> {
    const path = defaultMoodsFile(folder);
    // Also when the folder is missing: reading the sound file reports that.
    if ((await stat(path).catch(() => undefined)) === undefined) return new Map();
    const table = await new MoodsFile(path).read();
    if (table === null) return new Map();
    await this.#tellWrong(path, folder, table);
    const rows = new Map<string, MoodRow[]>();
    for (const row of table.rows) {
      const key = keyOf(resolve(folder, row.file));
      rows.set(key, [...(rows.get(key) ?? []), row]);
    }
    return new Map([...rows].map(([file, its]) => [file, new FileMoods(its)]));
  }

  /** Rows of existing pictures don't count as missing. */
  async #tellWrong(path: string, folder: string, { rows, faults }: MoodsTable): Promise<void> {
    for (const { line, reason } of faults.slice(0, MOST_FAULTS_TOLD)) {
      this.#notice(`${path}, line ${line}: ${reason} (it does not count)`);
    }
    const more = faults.length - MOST_FAULTS_TOLD;
    if (more > 0) this.#notice(`${path} has ${more} more lines that don't count`);
    const there = await namedFiles(folder, [...new Set(rows.map(({ file }) => file))]);
    const missing = rows.filter(({ file }) => !there.has(file));
    const [first] = missing;
    if (first === undefined) return;
    const others = missing.length === 1 ? '' : ` (and ${missing.length - 1} more like it)`;
    this.#notice(
      `${path}, line ${first.line}: ${resolve(folder, first.file)} does not exist${others}; such rows are ignored`,
    );
  }
}

/** File systems and editors write accents in different ways. */
function keyOf(file: string): string {
  return file.normalize('NFC');
}
