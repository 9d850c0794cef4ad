import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { ManifestLine } from '../learning/index.ts';
import { FileMoods } from './file-moods.ts';

/** The name of a file of moods by hand. It lies in the folder of the files that it is about. */
const MOODS_FILE = 'moods.csv';

/**
 * Reads moods by hand: a manifest (`file,valence,arousal`, optionally `start,end` in seconds) whose rows may lack one
 * of the two ratings. Rows of files that aren't there are left out: a song that was deleted stops no show.
 *
 * @param missing told in one line of rows that are left out.
 * @throws SynestheteError BAD_TABLE, FILE_NOT_FOUND or NOT_A_FILE as `readManifest`, in one line with the row's number.
 */
async function readMoods(path: string, missing: (line: string) => void): Promise<readonly ManifestLine[]> {
  // Only where there is such a file: a show needs nothing else of what reads tables.
  const { readManifest } = await import('../learning/index.ts');
  return (await readManifest(path, { mayLackOne: true, missing })).entries;
}

/** Finds the moods that people gave sound files: those of the `moods.csv` beside each, which is read once. */
export class MoodsBeside {
  readonly #missing: (line: string) => void;
  readonly #folders = new Map<string, Promise<ReadonlyMap<string, FileMoods>>>();

  /** @param missing told in one line of rows whose files aren't there. */
  constructor(missing: (line: string) => void) {
    this.#missing = missing;
  }

  /**
   * The moods of a file; undefined where there is no moods.csv beside it, or none of its rows is about it.
   * @throws SynestheteError those of `readMoods`
   */
  async of(file: string): Promise<FileMoods | undefined> {
    const path = resolve(file);
    const folder = dirname(path);
    let moods = this.#folders.get(folder);
    if (moods === undefined) {
      moods = this.#read(join(folder, MOODS_FILE));
      this.#folders.set(folder, moods);
    }
    return (await moods).get(keyOf(path));
  }

  async #read(path: string): Promise<ReadonlyMap<string, FileMoods>> {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) return new Map();
    const rows = new Map<string, ManifestLine[]>();
    for (const row of await readMoods(path, this.#missing)) {
      const key = keyOf(row.file);
      rows.set(key, [...(rows.get(key) ?? []), row]);
    }
    return new Map([...rows].map(([file, its]) => [file, new FileMoods(its)]));
  }
}

/** File systems and editors write accents in different ways. */
function keyOf(file: string): string {
  return file.normalize('NFC');
}
