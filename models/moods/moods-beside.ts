import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { FileMoods } from './file-moods.ts';
import { defaultMoodsFile, MoodsFile } from './moods-file.ts';
import { rowsThere } from './rows-there.ts';
import type { MoodRow } from './table.ts';

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
    const rows = new Map<string, MoodRow[]>();
    for (const { row, file } of await rowsThere(path, table, this.#notice)) {
      const key = keyOf(file);
      rows.set(key, [...(rows.get(key) ?? []), row]);
    }
    return new Map([...rows].map(([file, its]) => [file, new FileMoods(its)]));
  }
}

/** File systems and editors write accents in different ways. */
function keyOf(file: string): string {
  return file.normalize('NFC');
}
