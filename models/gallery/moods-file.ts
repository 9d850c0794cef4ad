import { open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SynestheteError } from '../errors.ts';
import { readFailure } from '../read-file.ts';
import { writeFailure, writeWhole } from '../write-whole.ts';
import { inLine, type HandMood, type MoodFault, type ParsedMoods } from './moods-text.ts';

/** What the table of moods by hand is called, beside the pictures. */
export const MOODS_NAME = 'moods.csv';

/** The largest table: about 100,000 lines. */
export const MOST_MOODS_BYTES = 8 * 2 ** 20;

export function defaultMoodsFile(gallery: string): string {
  return join(gallery, MOODS_NAME);
}

/**
 * @returns null where there is none
 * @throws SynestheteError BAD_TABLE for one that is too large or not UTF-8; NOT_A_FILE; FILE_NOT_FOUND where it can't be
 *   read, or its folder is not there either: a disk that is away says nothing of moods
 */
export async function readMoodsText(path: string): Promise<string | null> {
  const found = await stat(path).catch(async (error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw readFailure(path, error);
    await stat(dirname(path)).catch((cause: unknown) => {
      throw readFailure(dirname(path), cause);
    });
    return undefined;
  });
  if (found === undefined) return null;
  // A pipe would be waited for.
  if (!found.isFile()) throw new SynestheteError('NOT_A_FILE', `${path} is not a file`);
  let bytes: Buffer;
  try {
    const file = await open(path, 'r');
    try {
      const most = Buffer.alloc(Math.min(found.size, MOST_MOODS_BYTES) + 1);
      let length = 0;
      for (let read = -1; read !== 0 && length < most.length; length += read) {
        read = (await file.read(most, length, most.length - length, length)).bytesRead;
      }
      bytes = most.subarray(0, length);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw readFailure(path, error);
  }
  return moodsTextOf(bytes, path);
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

/** @param text null: there is to be none. @throws SynestheteError WRITE_FAILED, BAD_TABLE for one that is too large */
export async function writeMoodsText(path: string, text: string | null): Promise<void> {
  if (text === null) {
    await rm(path, { force: true }).catch((error: unknown) => {
      throw writeFailure(path, error);
    });
    return;
  }
  const bytes = Buffer.from(text);
  moodsTextOf(bytes, path);
  await writeWhole(path, bytes);
}

/** A table of moods as it applies to the pictures of an index. */
export interface ResolvedMoods {
  /** By row of the index. */
  readonly byRow: ReadonlyMap<number, HandMood>;
  /** What doesn't count, a line each, as `moods.csv, line 3: …`, in the order of the lines. */
  readonly faults: readonly string[];
}

export const NO_HAND: ResolvedMoods = { byRow: new Map(), faults: [] };

/** @param rows of the index, by file */
export function resolveMoods(
  { moods, faults }: ParsedMoods,
  rows: ReadonlyMap<string, number>,
): ResolvedMoods {
  const byRow = new Map<number, HandMood>();
  const unknown: MoodFault[] = [];
  let normalRows: ReadonlyMap<string, number> | undefined;
  for (const [file, { line, valence, arousal }] of moods) {
    normalRows ??= rows.has(file)
      ? undefined
      : new Map([...rows].map(([name, row]) => [name.normalize(), row]));
    const row = rows.get(file) ?? normalRows?.get(file.normalize());
    if (row === undefined) unknown.push({ line, reason: notThere(file) });
    else if (byRow.has(row))
      unknown.push({ line, reason: `${inLine(file)} stands there in another Unicode form already` });
    else byRow.set(row, { valence, arousal });
  }
  const all = [...faults, ...unknown].sort((a, b) => a.line - b.line);
  return { byRow, faults: all.map(({ line, reason }) => `${MOODS_NAME}, line ${line}: ${reason}`) };
}

function notThere(file: string): string {
  const why = file.includes('\\') ? 'write / between folders' : 'name it as it lies below the gallery';
  return `there is no picture ${inLine(file)} in the index: ${why}`;
}
