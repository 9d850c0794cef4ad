import { CsvError, parse } from 'csv-parse/sync';
import { SynestheteError } from '../errors.ts';
import { readWhole } from '../read-file.ts';
import type { Remedy } from '../remedy.ts';

/** A row of a table: its cells by column name, and its line (the first is 1). */
export interface TableRow {
  readonly line: number;
  readonly cells: Readonly<Record<string, string>>;
}

export interface Table {
  readonly path: string;
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
}

export interface TableFormat {
  /** Cells are separated by this; by default a comma. */
  readonly delimiter?: string;
  /**
   * Whether a record, given as its trimmed cells, is the header. Records before it are skipped. By default the first
   * record is the header.
   */
  readonly isHeader?: (cells: readonly string[]) => boolean;
  /** Gives the columns their names; by default the cells of the header. */
  readonly columnsOf?: (header: readonly string[]) => readonly string[];
  /** Keeps white space around cells, because file names may have some; column names are always trimmed. */
  readonly keepSpace?: boolean;
}

/**
 * Reads a table: RFC 4180 (quoted cells, doubled quotes, line breaks within quotes), with a byte order mark or
 * without, lines ended by CRLF, LF or CR, empty lines passed over.
 *
 * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE; BAD_TABLE, naming file and line.
 */
export async function readTable(path: string, format: TableFormat = {}): Promise<Table> {
  const { delimiter = ',', isHeader = () => true, keepSpace = false } = format;
  const records = parseRecords(path, textOf(await readWhole(path)), delimiter);
  const start = records.findIndex(({ cells }) => isHeader(trimmed(cells)));
  const header = records[start] && trimmed(records[start].cells);
  if (header === undefined) {
    throw badTable(
      path,
      records.length === 0
        ? 'is empty: it has not even a header'
        : 'has no line with the names of the columns',
    );
  }
  const columns = format.columnsOf?.(header) ?? header;
  const twice = columns.find((name, index) => name !== '' && columns.indexOf(name) !== index);
  if (twice !== undefined) throw badTable(path, `has two columns named "${twice}"`);

  const rows = records.slice(start + 1).flatMap(({ line, cells: untrimmed }) => {
    const cells = keepSpace ? untrimmed : trimmed(untrimmed);
    if (cells.every((cell) => cell.trim() === '')) return [];
    if (cells.length > columns.length && cells.slice(columns.length).some((cell) => cell.trim() !== '')) {
      throw badTable(
        path,
        `line ${line}: ${cells.length} cells for ${columns.length} columns; a comma within a cell needs quotes`,
      );
    }
    if (cells.length < columns.length) {
      throw badTable(
        path,
        `line ${line}: ${cells.length} cells for ${columns.length} columns; is the file torn?`,
      );
    }
    return [{ line, cells: Object.fromEntries(columns.map((name, index) => [name, cells[index]!])) }];
  });
  return { path, columns, rows };
}

/** The cells of a required column. @throws SynestheteError BAD_TABLE naming the existing columns. */
export function requireColumns(table: Table, names: readonly string[], what = 'columns'): void {
  const missing = names.filter((name) => !table.columns.includes(name));
  if (missing.length === 0) return;
  const [only = ''] = table.columns;
  const separator = [';', '\t', '|'].find(
    (character) => table.columns.length === 1 && only.includes(character),
  );
  if (separator !== undefined) {
    const shown = separator === '\t' ? 'tabs' : `"${separator}"`;
    throw badTable(table.path, `is separated by ${shown}, not by commas; save it as comma-separated CSV`);
  }
  const there = table.columns
    .filter((name) => name !== '')
    .slice(0, 12)
    .join(', ');
  throw badTable(
    table.path,
    `lacks the ${what} ${missing.map((name) => `"${name}"`).join(' and ')}; it has ${there}`,
  );
}

/** The number in a cell. @throws SynestheteError BAD_TABLE if it is not a finite number. */
export function numberIn(table: Table, row: TableRow, column: string): number {
  const text = (row.cells[column] ?? '').trim();
  const value = Number(text);
  if (text !== '' && Number.isFinite(value)) return value;
  throw badTable(
    table.path,
    `line ${row.line}: ${column} is ${text === '' ? 'empty' : `"${text}"`}, not a number`,
  );
}

/** @param what continues "FILE …". */
export function badTable(path: string, what: string, remedy?: Remedy): SynestheteError {
  return new SynestheteError('BAD_TABLE', `${path}${what.startsWith('line ') ? ', ' : ' '}${what}`, {
    remedy,
  });
}

/** Tables from older programs are Latin-1, which differs from UTF-8 only in their descriptions. */
function textOf(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

function trimmed(cells: readonly string[]): string[] {
  return cells.map((cell) => cell.trim());
}

interface ParsedRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

function parseRecords(path: string, text: string, delimiter: string): ParsedRecord[] {
  try {
    const parsed = parse(text, {
      bom: true,
      delimiter,
      record_delimiter: lineEndOf(text),
      info: true,
      skip_empty_lines: true,
      relax_column_count: true,
      relax_quotes: delimiter !== ',',
    }) as unknown as { record: string[]; info: { lines: number } }[];
    return parsed.map(({ record, info }) => ({ line: info.lines, cells: record }));
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const line = typeof error['lines'] === 'number' ? `line ${error['lines']}: ` : '';
    throw badTable(path, `${line}${csvReasons[error.code] ?? error.message}`);
  }
}

const csvReasons: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
  CSV_INVALID_CLOSING_QUOTE: 'text follows a closing quote; a quote within a cell is written twice',
  INVALID_OPENING_QUOTE: 'a quote is in the middle of a cell; put the whole cell in quotes',
};

/** OASIS's own table ends its lines with CR alone; mixed files are split at LF, and CR is trimmed. */
function lineEndOf(text: string): string | string[] {
  return text.includes('\n') ? ['\r\n', '\n'] : '\r';
}
