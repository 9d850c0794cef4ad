/* CSV (RFC 4180) with the place of each cell in the text, so that edits change only the cells that they must. */

/** The place of a cell in the text, including quotes, and its value. */
interface CsvCell {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A record: one line, or several when a quoted cell contains line ends. */
export interface CsvRecord {
  /** Line of its beginning; the first is 1. */
  readonly line: number;
  readonly start: number;
  /** Before the end of its line. */
  readonly end: number;
  /** After the line's end: where the next line begins. */
  readonly next: number;
  /** At least one. */
  readonly cells: readonly CsvCell[];
}

/** A quote that makes the ends of cells ambiguous. */
export class CsvQuoteError extends Error {
  readonly line: number;

  /** @param message continues "line 3 …" */
  constructor(line: number, message: string) {
    super(message);
    this.line = line;
  }
}

/**
 * The records of a text, with a byte order mark or without, lines ended by CRLF, LF or CR. Lines that begin with # and
 * empty ones are passed over.
 * @throws CsvQuoteError
 */
export function csvRecords(text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let line = 1;
  for (let at = text.startsWith('\uFEFF') ? 1 : 0; at < text.length;) {
    const ownEnd = lineEndFrom(text, at);
    if (text[at] === '#' || text.slice(at, ownEnd).trim() === '') {
      at = afterLineEnd(text, ownEnd);
      line += 1;
      continue;
    }
    const cells = cellsFrom(text, at, line);
    const { end } = cells.at(-1)!;
    records.push({ line, start: at, end, next: afterLineEnd(text, end), cells });
    line += linesIn(text.slice(at, end)) + 1;
    at = afterLineEnd(text, end);
  }
  return records;
}

/** A cell as text, in quotes if it needs them. */
export function csvCell(text: string): string {
  return /^[\s#]|[",\r\n]|\s$/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function cellsFrom(text: string, start: number, line: number): CsvCell[] {
  const cells: CsvCell[] = [];
  for (let at = start; ; at++) {
    const cell = text[at] === '"' ? quotedCell(text, at, line) : plainCell(text, at);
    cells.push(cell);
    at = cell.end;
    if (text[at] !== ',') return cells;
  }
}

function plainCell(text: string, start: number): CsvCell {
  let end = start;
  while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end++;
  return { start, end, text: text.slice(start, end) };
}

function quotedCell(text: string, start: number, line: number): CsvCell {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at < 0) throw new CsvQuoteError(line, 'opens a quote that is never closed');
    if (text[at + 1] === '"') {
      at++;
      continue;
    }
    const rest = plainCell(text, at + 1);
    if (rest.text.trim() !== '') {
      throw new CsvQuoteError(line, 'has text after a closing quote: write a quote within a cell twice');
    }
    return { start, end: rest.end, text: text.slice(start + 1, at).replaceAll('""', '"') };
  }
}

function lineEndFrom(text: string, at: number): number {
  while (at < text.length && text[at] !== '\n' && text[at] !== '\r') at++;
  return at;
}

function afterLineEnd(text: string, at: number): number {
  if (text.startsWith('\r\n', at)) return at + 2;
  return Math.min(text.length, at + 1);
}

function linesIn(text: string): number {
  return text.match(/\r\n|\n|\r/gu)?.length ?? 0;
}
