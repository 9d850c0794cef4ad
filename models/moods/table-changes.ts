import { csvCell, type CsvRecord } from './csv-records.ts';
import {
  fileOf,
  hasStrayCells,
  NO_MOODS,
  parseMoods,
  rowOf,
  says,
  type Columns,
  type HandMood,
  type MoodsTable,
} from './table.ts';

/**
 * The text of a table with another mood for a picture. Everything else stays, letter by letter: comments, other
 * columns, their order, lines that don't count, stretches of sound.
 *
 * @param table null when there is none yet
 * @param mood null for both axes removes the file's lines; lines with values in other columns lose only their moods
 */
export function withMood(table: MoodsTable | null, file: string, mood: HandMood): string {
  const { text, layout } = table ?? parseMoods(NO_MOODS, '');
  const { columns, records, lineEnd } = layout;
  const isOfFile = sameFile(
    file,
    records.map((record) => fileOf(record, columns)),
  );
  // A record with excess cells never counts, and a stretch never belongs to a picture.
  const own = records.filter(
    (record) =>
      isOfFile(fileOf(record, columns)) && !hasStrayCells(record, columns) && !isOfStretch(record, columns),
  );
  if (mood.valence === null && mood.arousal === null) {
    return edited(
      text,
      own.flatMap((record) => (isBare(record, columns) ? [taken(record)] : cellEdits(record, columns, mood))),
    );
  }
  const counting = own.find((record) => says(rowOf(record, columns))) ?? own[0];
  if (counting !== undefined) return edited(text, cellEdits(counting, columns, mood));
  const cells = columns.names.map((column) =>
    column === 'file' ? written(file) : (cellOf(column, mood) ?? ''),
  );
  const separator = /[\r\n]$/u.test(text) ? '' : lineEnd;
  return `${text}${separator}${cells.join(',')}${lineEnd}`;
}

/**
 * The text of a table for other programs: it changes names that a spreadsheet would take for a formula (see `written`),
 * and nothing else. Parsing it gives the same moods.
 */
export function forSpreadsheets({ text, layout: { columns, records } }: MoodsTable): string {
  return edited(
    text,
    records.flatMap(({ cells }): Edit[] => {
      const cell = cells[columns.file];
      return cell !== undefined && FORMULA.test(cell.text)
        ? [{ start: cell.start, end: cell.end, text: written(cell.text) }]
        : [];
    }),
  );
}

/**
 * First characters of a cell that spreadsheets calculate, quoted or not (OWASP, CSV Injection; the wide forms are of
 * East Asian input).
 */
const FORMULA = /^(?:\s*[=+\-@＝＋－＠]|[\t\r])/u;

/**
 * A file's name as a cell. A name like a formula (`=1+1.jpg`) gets the prefix `./`: the same path, which no spreadsheet
 * calculates and the parser strips again. An apostrophe, the usual escape, would name another file.
 */
function written(file: string): string {
  return csvCell(FORMULA.test(file) ? `./${file}` : file);
}

/**
 * The names in a table that mean a file: equal names, else names with the same letters in another Unicode form, because
 * systems write names differently.
 */
function sameFile(file: string, names: readonly string[]): (name: string) => boolean {
  if (names.includes(file)) return (name) => name === file;
  const normal = file.normalize();
  return (name) => name.normalize() === normal;
}

function isOfStretch({ cells }: CsvRecord, { start, end }: Columns): boolean {
  return [start, end].some((column) => (cells[column]?.text.trim() ?? '') !== '');
}

const OF_THE_MOOD: ReadonlySet<string> = new Set(['file', 'valence', 'arousal']);

/** Whether a record holds only its file and the mood. */
function isBare({ cells }: CsvRecord, columns: Columns): boolean {
  return cells.every(({ text }, i) => OF_THE_MOOD.has(columns.names[i] ?? '') || text.trim() === '');
}

function cellOf(column: string, mood: HandMood): string | undefined {
  if (column !== 'valence' && column !== 'arousal') return undefined;
  const value = mood[column];
  return value === null ? '' : String(value);
}

/** A replacement for a part of the text. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

function taken({ start, next }: CsvRecord): Edit {
  return { start, end: next, text: '' };
}

/** Edits that write the mood into the cells of a record, adding missing cells. */
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
