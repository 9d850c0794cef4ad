import { SynestheteError } from '../errors.ts';
import { csvCell, CsvQuoteError, csvRecords, type CsvRecord } from './csv-records.ts';

/** What a person says of a picture, each in [0, 1]; null where the model's reading is kept. */
export interface HandMood {
  readonly valence: number | null;
  readonly arousal: number | null;
}

/** A line that does not count, and why. */
export interface MoodFault {
  readonly line: number;
  /** Continues "line 3: …". */
  readonly reason: string;
}

export interface ParsedMoods {
  /** By file, as the table names it, with the line that says so (the first is 1). */
  readonly moods: ReadonlyMap<string, HandMood & { readonly line: number }>;
  /** In the order of their lines. */
  readonly faults: readonly MoodFault[];
}

const AXES = ['valence', 'arousal'] as const;
const COLUMNS = ['file', ...AXES] as const;

/** A table without a row. */
export const NO_MOODS = `${COLUMNS.join(',')}\n`;

/**
 * Reads a table of moods: CSV (RFC 4180) with the columns file, valence and arousal, and any others. Lines that begin with
 * # and empty ones are passed over; a line that is wrong is told, and all others count. Of two lines for one file the
 * first counts.
 * @param name of the table, for people
 * @throws SynestheteError BAD_TABLE where it can't be told what its lines mean: then none of them counts
 */
export function parseMoods(text: string, name: string): ParsedMoods {
  const { columns, rows } = tableOf(text, name);
  const moods = new Map<string, HandMood & { line: number }>();
  const faults: MoodFault[] = [];
  for (const row of rows) {
    const { line } = row;
    const found = moodOf(row, columns);
    if (typeof found === 'string') faults.push({ line, reason: found });
    else if (says(found)) {
      const { file, ...mood } = found;
      const first = moods.get(file);
      if (first === undefined) moods.set(file, { ...mood, line });
      else
        faults.push({ line, reason: `${inLine(file)} stands in line ${first.line} already, which counts` });
    }
  }
  return { moods, faults };
}

/**
 * The table with another mood for a file; all else in it stays as it is, letter by letter: comments, other columns, their
 * order, lines that don't count.
 * @param text null where there is no table yet
 * @param mood null for both axes takes the file's lines out, those with something in other columns only their moods
 * @throws SynestheteError BAD_TABLE as `parseMoods`
 */
export function withMood(text: string | null, name: string, file: string, mood: HandMood): string {
  const before = text ?? NO_MOODS;
  const { columns, rows, lineEnd } = tableOf(before, name);
  const isOfFile = sameFile(
    file,
    rows.map((row) => fileOf(row, columns)),
  );
  // One with cells of no column doesn't count whatever is written into it.
  const own = rows.filter((row) => isOfFile(fileOf(row, columns)) && !hasStrayCells(row, columns));
  if (mood.valence === null && mood.arousal === null) {
    return edited(
      before,
      own.flatMap((row) => (isBare(row, columns) ? [taken(row)] : cellEdits(row, columns, mood))),
    );
  }
  const counting = own.find((row) => says(moodOf(row, columns))) ?? own[0];
  if (counting !== undefined) return edited(before, cellEdits(counting, columns, mood));
  const cells = columns.names.map((column) =>
    column === 'file' ? csvCell(file) : (cellOf(column, mood) ?? ''),
  );
  const separator = /[\r\n]$/u.test(before) ? '' : lineEnd;
  return `${before}${separator}${cells.join(',')}${lineEnd}`;
}

/**
 * Which of the names in a table mean a file: those that are the same, else those that are the same letters in another
 * Unicode form, as one system writes names and another one reads them.
 */
function sameFile(file: string, names: readonly string[]): (name: string) => boolean {
  if (names.includes(file)) return (name) => name === file;
  const normal = file.normalize();
  return (name) => name.normalize() === normal;
}

/** The columns of a table, and where those are that every table has. */
interface Columns {
  readonly names: readonly string[];
  readonly file: number;
  readonly valence: number;
  readonly arousal: number;
}

function tableOf(text: string, name: string) {
  const [header, ...rows] = recordsOf(text, name);
  if (header === undefined) throw unclear(name, `is empty: its first line must be ${COLUMNS.join(',')}`);
  const names = header.cells.map((cell) => cell.text.trim());
  const twice = names.find((column, i) => column !== '' && names.indexOf(column) !== i);
  if (twice !== undefined) throw unclear(name, `has two columns named "${twice}"`);
  const missing = COLUMNS.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    const isOther = names.length === 1 && /[;\t|]/u.test(names[0]!);
    throw unclear(
      name,
      isOther
        ? 'is not separated by commas: save it as comma-separated CSV'
        : `lacks the columns ${missing.join(' and ')}: its first line must be ${COLUMNS.join(',')}, in any order`,
    );
  }
  const [file, valence, arousal] = COLUMNS.map((column) => names.indexOf(column)) as [number, number, number];
  const columns: Columns = { names, file, valence, arousal };
  return { columns, rows, lineEnd: /\r\n|\n|\r/u.exec(text)?.[0] ?? '\n' };
}

function fileOf({ cells }: CsvRecord, columns: Columns): string {
  return cells[columns.file]?.text ?? '';
}

/** @returns why it doesn't count where it is wrong */
function moodOf(row: CsvRecord, columns: Columns): (HandMood & { readonly file: string }) | string {
  const { cells } = row;
  if (Math.max(columns.file, columns.valence, columns.arousal) >= cells.length) {
    return `it has ${cells.length} cells for ${columns.names.length} columns: is it torn?`;
  }
  if (hasStrayCells(row, columns)) {
    return `it has ${cells.length} cells for ${columns.names.length} columns: put a name with a comma in quotes`;
  }
  const file = fileOf(row, columns);
  if (file.trim() === '') return 'it names no file';
  const mood: { file: string; valence: number | null; arousal: number | null } = {
    file,
    valence: null,
    arousal: null,
  };
  for (const axis of AXES) {
    const text = cells[columns[axis]]!.text.trim();
    if (text === '') continue;
    const value = DECIMAL.test(text) ? Number(text) : NaN;
    if (!(value >= 0 && value <= 1)) {
      return `${axis} is "${inLine(text.slice(0, 40))}": write a number from 0 to 1, or nothing for the model's`;
    }
    mood[axis] = value;
  }
  return mood;
}

/** Whether it is the mood of a picture, and not only its name. */
function says(found: ReturnType<typeof moodOf>): boolean {
  return typeof found !== 'string' && (found.valence !== null || found.arousal !== null);
}

function hasStrayCells({ cells }: CsvRecord, columns: Columns): boolean {
  return (
    cells.length > columns.names.length &&
    cells.slice(columns.names.length).some(({ text }) => text.trim() !== '')
  );
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu;

/** A text of the table for one line of a message. */
export function inLine(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}

/** Whether its file is all that a row says besides the mood. */
function isBare({ cells }: CsvRecord, columns: Columns): boolean {
  return cells.every(
    ({ text }, i) => (COLUMNS as readonly string[]).includes(columns.names[i] ?? '') || text.trim() === '',
  );
}

function cellOf(column: string, mood: HandMood): string | undefined {
  if (column !== 'valence' && column !== 'arousal') return undefined;
  const value = mood[column];
  return value === null ? '' : String(value);
}

/** What takes the place of a part of the text. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function taken({ start, next }: CsvRecord): Edit {
  return { start, end: next, text: '' };
}

/** The mood into the cells of a row, those that it lacks included. */
function cellEdits({ cells, end }: CsvRecord, columns: Columns, mood: HandMood): Edit[] {
  const edits = columns.names.slice(0, cells.length).flatMap((column, i): Edit[] => {
    const text = cellOf(column, mood);
    return text === undefined ? [] : [{ start: cells[i]!.start, end: cells[i]!.end, text }];
  });
  const missing = columns.names.slice(cells.length).map((column) => `,${cellOf(column, mood) ?? ''}`);
  return [...edits, { start: end, end, text: missing.join('') }];
}

/** @param edits in the order of their places */
function edited(text: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const { start, end, text: instead } of edits) {
    result += text.slice(at, start) + instead;
    at = end;
  }
  return result + text.slice(at);
}

function recordsOf(text: string, name: string): CsvRecord[] {
  try {
    return csvRecords(text);
  } catch (error) {
    if (error instanceof CsvQuoteError) throw unclear(name, `line ${error.line} ${error.message}`);
    throw error;
  }
}

/** @param what continues "moods.csv …" */
function unclear(name: string, what: string): SynestheteError {
  const begin = `${name}${what.startsWith('line ') ? ', ' : ' '}`;
  return new SynestheteError('BAD_TABLE', `${begin}${what} (no mood of it counts until then)`);
}
