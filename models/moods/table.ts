import { SynestheteError } from '../errors.ts';
import { CsvQuoteError, csvRecords, type CsvRecord } from './csv-records.ts';

/** The mood that a person gave a picture or sound, each axis in [0, 1]; null keeps the model's prediction. */
export interface HandMood {
  readonly valence: number | null;
  readonly arousal: number | null;
}

/** A row that counts. */
export interface MoodRow extends HandMood {
  /** Its line; the first is 1. */
  readonly line: number;
  /** As the table names it, without a leading `./`. */
  readonly file: string;
  /** The stretch of the sound; undefined means its start, or its end. */
  readonly startSeconds: number | undefined;
  readonly endSeconds: number | undefined;
}

/** A line that does not count, and why. */
export interface MoodFault {
  readonly line: number;
  /** Continues "line 3: …". */
  readonly reason: string;
}

/** A parsed table of moods. */
export interface MoodsTable {
  readonly text: string;
  readonly rows: readonly MoodRow[];
  /** In the order of their lines. */
  readonly faults: readonly MoodFault[];
  /** Its cells with their places, for changing it. */
  readonly layout: TableLayout;
}

interface TableLayout {
  readonly columns: Columns;
  /** Without the header. */
  readonly records: readonly CsvRecord[];
  readonly lineEnd: string;
}

/** The columns of a table, and the positions of the known ones; -1 for a missing one. */
export interface Columns {
  readonly names: readonly string[];
  readonly file: number;
  readonly valence: number;
  readonly arousal: number;
  readonly start: number;
  readonly end: number;
}

const AXES = ['valence', 'arousal'] as const;
/** Columns that every table has. */
const NEEDED = ['file', ...AXES] as const;

/** A table without a row. */
export const NO_MOODS = `${NEEDED.join(',')}\n`;

/**
 * Reads a table of moods, of pictures and of sound: CSV (RFC 4180) with the columns file, valence and arousal,
 * optionally start and end in seconds (of sound), and any others. It skips empty lines, lines that begin with #, and
 * rows without a mood; it reports wrong lines and uses all others. Of two lines for the same file and stretch the first
 * counts. It does not check whether the files exist.
 *
 * @param name of the table, for people
 * @throws SynestheteError BAD_TABLE when the meaning of its lines is unclear: then none of them counts
 */
export function parseMoods(text: string, name: string): MoodsTable {
  const layout = layoutOf(text, name);
  const rows: MoodRow[] = [];
  const faults: MoodFault[] = [];
  const lineOf = new Map<string, number>();
  for (const record of layout.records) {
    const { line } = record;
    const found = rowOf(record, layout.columns);
    if (typeof found === 'string') faults.push({ line, reason: found });
    else if (says(found)) {
      const { file, startSeconds = 0, endSeconds = '' } = found;
      const stretch = `${startSeconds} ${endSeconds} ${file}`;
      const first = lineOf.get(stretch);
      if (first === undefined) {
        lineOf.set(stretch, line);
        rows.push(found);
      } else faults.push({ line, reason: `${inLine(file)} is also in line ${first}, which counts` });
    }
  }
  return { text, rows, faults, layout };
}

function layoutOf(text: string, name: string): TableLayout {
  const [header, ...records] = recordsOf(text, name);
  if (header === undefined) throw unclear(name, `is empty: its first line must be ${NEEDED.join(',')}`);
  const names = header.cells.map((cell) => cell.text.trim());
  const twice = names.find((column, i) => column !== '' && names.indexOf(column) !== i);
  if (twice !== undefined) throw unclear(name, `has two columns named "${twice}"`);
  const missing = NEEDED.filter((column) => !names.includes(column));
  if (missing.length > 0) {
    const isOther = names.length === 1 && /[;\t|]/u.test(names[0]!);
    throw unclear(
      name,
      isOther
        ? 'is not separated by commas: save it as comma-separated CSV'
        : `lacks the columns ${missing.join(' and ')}: its first line must be ${NEEDED.join(',')}, in any order`,
    );
  }
  const at = (column: string): number => names.indexOf(column);
  const columns = {
    names,
    file: at('file'),
    valence: at('valence'),
    arousal: at('arousal'),
    start: at('start'),
    end: at('end'),
  };
  return { columns, records, lineEnd: /\r\n|\n|\r/u.exec(text)?.[0] ?? '\n' };
}

/** The file that a record names; `./a.jpg` is a.jpg (see `written`). */
export function fileOf({ cells }: CsvRecord, columns: Columns): string {
  return (cells[columns.file]?.text ?? '').replace(/^(?:\.\/)+/u, '');
}

/** @returns the reason when it is wrong */
export function rowOf(record: CsvRecord, columns: Columns): MoodRow | string {
  const { cells, line } = record;
  if (Math.max(columns.file, columns.valence, columns.arousal) >= cells.length) {
    return `it has ${cells.length} cells for ${columns.names.length} columns: is it torn?`;
  }
  if (hasStrayCells(record, columns)) {
    return `it has ${cells.length} cells for ${columns.names.length} columns: put a name with a comma in quotes`;
  }
  const file = fileOf(record, columns);
  if (file.trim() === '') return 'it names no file';
  const numberIn = (column: 'valence' | 'arousal' | 'start' | 'end'): number | undefined => {
    const text = cells[columns[column]]?.text.trim() ?? '';
    return text === '' ? undefined : DECIMAL.test(text) ? Number(text) : NaN;
  };
  const wrong = (column: 'valence' | 'arousal' | 'start' | 'end', remedy: string): string =>
    `${column} is "${inLine(cells[columns[column]]!.text.trim().slice(0, 40))}": write ${remedy}`;
  const [valence, arousal, startSeconds, endSeconds] = [
    numberIn('valence'),
    numberIn('arousal'),
    numberIn('start'),
    numberIn('end'),
  ];
  for (const [axis, value] of [
    ['valence', valence],
    ['arousal', arousal],
  ] as const) {
    if (value === undefined || (value >= 0 && value <= 1)) continue;
    return wrong(axis, "a number from 0 to 1, or nothing for the model's");
  }
  if (startSeconds !== undefined && !(startSeconds >= 0 && startSeconds < Infinity)) {
    return wrong('start', 'seconds from the beginning of the file, or nothing');
  }
  if (endSeconds !== undefined && !(endSeconds > (startSeconds ?? 0) && endSeconds < Infinity)) {
    return wrong('end', `seconds after the start (${startSeconds ?? 0}), or nothing`);
  }
  return { line, file, valence: valence ?? null, arousal: arousal ?? null, startSeconds, endSeconds };
}

/** Whether it gives a mood and not only a name. */
export function says(found: MoodRow | string): boolean {
  return typeof found !== 'string' && (found.valence !== null || found.arousal !== null);
}

/** Whether it has excess cells, which make the others ambiguous. */
export function hasStrayCells({ cells }: CsvRecord, columns: Columns): boolean {
  return (
    cells.length > columns.names.length &&
    cells.slice(columns.names.length).some(({ text }) => text.trim() !== '')
  );
}

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/iu;

/** Text of the table, shortened to one line of a message. */
export function inLine(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
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
