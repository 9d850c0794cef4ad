import { stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { SynestheteError } from '../errors.ts';
import { MOODS_NAME } from '../moods/index.ts';
import type { PlanePoint } from '../plane.ts';
import type { Notice } from '../remedy.ts';
import { writeWhole } from '../write-whole.ts';
import { readMoodsManifest, type Medium } from './moods-manifest.ts';
import { formatScale, isOnScale, toUnit, UNIT_SCALE, type Scale } from './scale.ts';
import { SPLITS, splitNamed, type Split } from './split.ts';
import { badTable, numberIn, readTable, requireColumns, type Table, type TableRow } from './table.ts';

/** A labelled file, or a stretch of one. */
export interface ManifestEntry {
  /** Absolute path; the file existed when the manifest was read. */
  readonly file: string;
  /**
   * Valence and arousal on [0, 1]; undefined in a manifest with categories only, and when one of the two is missing.
   */
  readonly rating: PlanePoint | undefined;
  /** The rating of one axis when the other is missing; see `ManifestOptions.mayLackOne`. */
  readonly partialRating?: Partial<PlanePoint> | undefined;
  readonly split: Split | undefined;
  /** The labelled stretch, in seconds from the start of the file; undefined means its start, or its end. */
  readonly startSeconds: number | undefined;
  readonly endSeconds: number | undefined;
  readonly id: string | undefined;
  /** All other columns, unchanged: `emotion`, `quadrant`, `song`, … */
  readonly columns: Readonly<Record<string, string>>;
}

export interface ManifestLine extends ManifestEntry {
  /** Its line in the manifest; the first is 1. */
  readonly line: number;
}

export interface Manifest {
  readonly path: string;
  readonly entries: readonly ManifestLine[];
  /** The names of the columns in `columns`, in the order of the file. */
  readonly otherColumns: readonly string[];
}

export interface ManifestOptions {
  /** The scale of valence and arousal; by default [0, 1]. */
  readonly scale?: Scale;
  /**
   * Categories (columns such as `emotion` or `quadrant`) that may replace valence and arousal. By default both ratings
   * are needed.
   */
  readonly categories?: readonly string[];
  /**
   * Whether a row may lack valence or arousal, for example because raters gave only one. By default both are needed.
   */
  readonly mayLackOne?: boolean;
  /** Of a `moods.csv`, which may name both: take pictures alone, or sound. By default all. */
  readonly medium?: Medium;
  /** Called with one line about rows of a `moods.csv` that don't count. */
  readonly notice?: Notice;
}

/**
 * Reads a manifest of labelled files: CSV (RFC 4180) with a header, `file,valence,arousal` and optionally
 * `split,start,end,id,…`; paths relative to the CSV (or absolute); splits are `train`, `val`, `test`. A file named
 * `moods.csv` is read as a show reads it (see `readMoodsManifest`).
 *
 * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE for the manifest or a file it names; BAD_TABLE for a column that
 *   is missing, a value that is no number or off its scale, an unknown split, a repeated row, no rows at all. Each
 *   message is one line with the manifest's name and the line.
 */
export async function readManifest(path: string, options: ManifestOptions = {}): Promise<Manifest> {
  const { scale = UNIT_SCALE, categories = [], mayLackOne = false } = options;
  if (basename(path) === MOODS_NAME) {
    return readMoodsManifest(path, options.medium, mayLackOne, options.notice ?? (() => undefined));
  }
  const table = await readTable(path, { keepSpace: true });
  requireColumns(table, ['file']);
  const has = (name: string): boolean => table.columns.includes(name);
  const isRated = has('valence') || has('arousal') || !categories.some(has);
  if (isRated) requireColumns(table, ['valence', 'arousal']);
  if (table.rows.length === 0) throw badTable(path, 'has a header and no rows');

  const otherColumns = table.columns.filter((name) => name !== '' && !KNOWN_COLUMNS.has(name));
  const entries = table.rows.map((row): ManifestLine => {
    const startSeconds = secondsIn(table, row, 'start');
    const endSeconds = secondsIn(table, row, 'end');
    if (endSeconds !== undefined && endSeconds <= (startSeconds ?? 0)) {
      throw badTable(path, `line ${row.line}: end ${endSeconds} is not after start ${startSeconds ?? 0}`);
    }
    const id = row.cells['id']?.trim();
    return {
      line: row.line,
      file: fileIn(table, row),
      ...(isRated ? ratingsIn(table, row, scale, mayLackOne) : { rating: undefined }),
      split: has('split') ? splitNamed(path, row.line, row.cells['split']!.trim()) : undefined,
      startSeconds,
      endSeconds,
      id: id === '' ? undefined : id,
      columns: Object.fromEntries(otherColumns.map((name) => [name, row.cells[name]!])),
    };
  });
  refuseDuplicates(path, entries);
  await refuseMissingFiles(path, entries);
  return { path, entries, otherColumns };
}

/**
 * The rows of a split, at least one.
 *
 * @throws SynestheteError BAD_TABLE if the manifest has no splits or none of that name.
 */
export function entriesOfSplit(manifest: Manifest, split: Split): readonly ManifestLine[] {
  const chosen = manifest.entries.filter((entry) => entry.split === split);
  if (chosen.length > 0) return chosen;
  const there = SPLITS.flatMap((name) => {
    const rows = manifest.entries.filter((entry) => entry.split === name).length;
    return rows === 0 ? [] : [`${name} (${rows})`];
  });
  const has = there.length === 0 ? 'it has no column "split"' : `it has ${there.join(', ')}`;
  throw badTable(manifest.path, `has no rows of the split ${split}; ${has}`);
}

/**
 * Writes a manifest, whole or not at all: ratings on [0, 1], paths relative to its folder. Columns that no entry
 * uses are left out.
 *
 * @throws SynestheteError WRITE_FAILED.
 */
export async function writeManifest(path: string, entries: readonly ManifestEntry[]): Promise<void> {
  const folder = dirname(resolve(path));
  const others = new Set(entries.flatMap(({ columns }) => Object.keys(columns)));
  const columns: [string, (entry: ManifestEntry) => string | number | undefined][] = [
    ['file', ({ file }) => relativePath(folder, file)],
    ['valence', ({ rating, partialRating }) => (rating ?? partialRating)?.valence],
    ['arousal', ({ rating, partialRating }) => (rating ?? partialRating)?.arousal],
    ['split', ({ split }) => split],
    ['start', ({ startSeconds }) => startSeconds],
    ['end', ({ endSeconds }) => endSeconds],
    ['id', ({ id }) => id],
    ...[...others].map((name): [string, (entry: ManifestEntry) => string | undefined] => [
      name,
      ({ columns: cells }) => cells[name],
    ]),
  ];
  const used = columns.filter(
    ([name, value]) =>
      name === 'file' || others.has(name) || entries.some((entry) => value(entry) !== undefined),
  );
  const rows = entries.map((entry) => used.map(([, value]) => value(entry) ?? ''));
  await writeWhole(path, stringify([used.map(([name]) => name), ...rows], { record_delimiter: 'windows' }));
}

const KNOWN_COLUMNS: ReadonlySet<string> = new Set([
  'file',
  'valence',
  'arousal',
  'split',
  'start',
  'end',
  'id',
]);

function fileIn(table: Table, row: TableRow): string {
  const file = row.cells['file']!;
  if (file.trim() === '') throw badTable(table.path, `line ${row.line}: file is empty`);
  return resolve(dirname(table.path), file);
}

function ratingsIn(
  table: Table,
  row: TableRow,
  scale: Scale,
  mayLackOne: boolean,
): Pick<ManifestEntry, 'rating' | 'partialRating'> {
  const isEmpty = (column: 'valence' | 'arousal'): boolean => (row.cells[column] ?? '').trim() === '';
  const there = (['valence', 'arousal'] as const).filter((column) => !isEmpty(column));
  if (mayLackOne && there.length === 1) {
    const [column] = there;
    return { rating: undefined, partialRating: { [column!]: ratingIn(table, row, column!, scale) } };
  }
  return {
    rating: {
      valence: ratingIn(table, row, 'valence', scale),
      arousal: ratingIn(table, row, 'arousal', scale),
    },
  };
}

function ratingIn(table: Table, row: TableRow, column: 'valence' | 'arousal', scale: Scale): number {
  const value = numberIn(table, row, column);
  if (isOnScale(value, scale)) return toUnit(value, scale);
  throw badTable(
    table.path,
    `line ${row.line}: ${column} ${value} is outside the scale ${formatScale(scale)}`,
    { kind: 'other-scale' },
  );
}

function secondsIn(table: Table, row: TableRow, column: 'start' | 'end'): number | undefined {
  if ((row.cells[column] ?? '').trim() === '') return undefined;
  const seconds = numberIn(table, row, column);
  if (seconds >= 0) return seconds;
  throw badTable(table.path, `line ${row.line}: ${column} ${seconds} is before the file begins`);
}

function refuseDuplicates(path: string, entries: readonly ManifestLine[]): void {
  const lineOf = new Map<string, number>();
  const lineOfId = new Map<string, number>();
  for (const { file, startSeconds, endSeconds, id, line } of entries) {
    const stretch = `${file}\n${startSeconds ?? ''}\n${endSeconds ?? ''}`;
    const before = lineOf.get(stretch);
    if (before !== undefined)
      throw badTable(path, `line ${line}: the same file and times as in line ${before}`);
    lineOf.set(stretch, line);
    if (id === undefined) continue;
    const withId = lineOfId.get(id);
    if (withId !== undefined) throw badTable(path, `line ${line}: the same id "${id}" as in line ${withId}`);
    lineOfId.set(id, line);
  }
}

/** Enough to keep a disk busy without thousands of requests at once. */
const FILES_LOOKED_AT_TOGETHER = 64;

/** @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE naming the first missing file */
async function refuseMissingFiles(path: string, entries: readonly ManifestLine[]): Promise<void> {
  const missing: { line: number; file: string; isFolder: boolean }[] = [];
  const seen = new Set<string>();
  const distinct = entries.filter(({ file }) => !seen.has(file) && seen.add(file));
  for (let first = 0; first < distinct.length; first += FILES_LOOKED_AT_TOGETHER) {
    const together = distinct.slice(first, first + FILES_LOOKED_AT_TOGETHER);
    const found = await Promise.all(together.map(({ file }) => stat(file).catch(() => undefined)));
    together.forEach(({ line, file }, index) => {
      const stats = found[index];
      if (stats?.isFile() !== true) missing.push({ line, file, isFolder: stats?.isDirectory() === true });
    });
  }
  const [worst] = missing;
  if (worst === undefined) return;
  const others = missing.length === 1 ? '' : ` (and ${missing.length - 1} more like it)`;
  const what = worst.isFolder ? 'is a folder, not a file' : 'does not exist';
  throw new SynestheteError(
    worst.isFolder ? 'NOT_A_FILE' : 'FILE_NOT_FOUND',
    `${path}, line ${worst.line}: ${worst.file} ${what}${others}; paths are relative to ${basename(path)}`,
  );
}

/** With forward slashes; absolute only if there is no relative path (another drive of Windows). */
function relativePath(folder: string, file: string): string {
  const path = relative(folder, file);
  return isAbsolute(path) ? file : path.split(sep).join('/');
}
