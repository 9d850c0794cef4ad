import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SynestheteError } from '../errors.ts';
import { readFailure } from '../read-file.ts';
import { removeWhole, writeWhole } from '../write-whole.ts';
import { parseMoods, type MoodsTable } from './table.ts';

/** File name of a table of moods. It lies in the folder of the files that it names. */
export const MOODS_NAME = 'moods.csv';

/** The largest table: about 100,000 lines. */
export const MOST_MOODS_BYTES = 8 * 2 ** 20;

export function defaultMoodsFile(folder: string): string {
  return join(folder, MOODS_NAME);
}

/** A file changed this shortly before it was read may change again with the same time: FAT counts in steps of 2 s. */
const SETTLED_AFTER_MS = 3000;

/** The state of a table when it was last read. */
interface Kept {
  readonly identity: string;
  /** Whether the same identity means the same text. */
  readonly isSettled: boolean;
  readonly table: MoodsTable;
}

/**
 * A table of moods on disk, shared by all readers and writers in one program. It is read when its time, size or inode
 * has changed, and parsed once for each text.
 */
export class MoodsFile {
  readonly path: string;
  readonly #parse: typeof parseMoods;
  #kept: Kept | undefined;
  #prediction: Promise<unknown> = Promise.resolve();

  constructor(path: string, parse: typeof parseMoods = parseMoods) {
    this.path = path;
    this.#parse = parse;
  }

  /**
   * The current table; the same object while the text is the same, null when there is none.
   * @throws SynestheteError BAD_TABLE when it can't be parsed, is too large or not UTF-8; NOT_A_FILE; FILE_NOT_FOUND
   *   when it can't be read, or its folder is missing too: an unmounted disk does not mean that there are no moods
   */
  read(): Promise<MoodsTable | null> {
    const read = this.#prediction.then(() => this.#read());
    this.#prediction = read.catch(() => undefined);
    return read;
  }

  async #read(): Promise<MoodsTable | null> {
    const found = await stated(this.path);
    if (found === null) {
      this.#kept = undefined;
      return null;
    }
    const { dev, ino, size, mtimeNs, mtimeMs } = found;
    const identity = [dev, ino, size, mtimeNs].join();
    const kept = this.#kept;
    if (kept?.isSettled === true && kept.identity === identity) return kept.table;
    const isSettled = Date.now() - Number(mtimeMs) > SETTLED_AFTER_MS;
    const text = moodsTextOf(await bytesOf(this.path, Number(size)), this.path);
    const table = kept?.table.text === text ? kept.table : this.#parse(text, this.path);
    this.#kept = { identity, isSettled, table };
    return table;
  }

  /**
   * Writes it, whole or not at all. Writes the target of a link and keeps the link.
   * @param text null removes the table
   * @throws SynestheteError WRITE_FAILED, BAD_TABLE for one that is too large
   */
  async write(text: string | null): Promise<void> {
    if (text === null) {
      await removeWhole(this.path);
      return;
    }
    const bytes = Buffer.from(text);
    moodsTextOf(bytes, this.path);
    await writeWhole(this.path, bytes);
  }
}

/** @returns null when there is none */
async function stated(path: string): Promise<BigIntStats | null> {
  const found = await stat(path, { bigint: true }).catch(async (error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw readFailure(path, error);
    await stat(dirname(path)).catch((cause: unknown) => {
      throw readFailure(dirname(path), cause);
    });
    return null;
  });
  // Reading a pipe would wait.
  if (found?.isFile() === false) throw new SynestheteError('NOT_A_FILE', `${path} is not a file`);
  return found;
}

async function bytesOf(path: string, size: number): Promise<Uint8Array> {
  try {
    const file = await open(path, 'r');
    try {
      const most = Buffer.alloc(Math.min(size, MOST_MOODS_BYTES) + 1);
      let length = 0;
      for (let read = -1; read !== 0 && length < most.length; length += read) {
        read = (await file.read(most, length, most.length - length, length)).bytesRead;
      }
      return most.subarray(0, length);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw readFailure(path, error);
  }
}

/**
 * @param name of the table, for people
 * @throws SynestheteError BAD_TABLE
 */
export function moodsTextOf(bytes: Uint8Array, name: string): string {
  if (bytes.length > MOST_MOODS_BYTES) {
    throw new SynestheteError(
      'BAD_TABLE',
      `${name} is larger than ${MOST_MOODS_BYTES / 2 ** 20} MiB: it is not read`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new SynestheteError('BAD_TABLE', `${name} is not UTF-8: save it as CSV in UTF-8`);
  }
}
