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
 * The text of a table with another mood for a picture; all else in it stays as it is, letter by letter: comments, other
 * columns, their order, lines that don't count, stretches of sound.
 *
 * @param table null where there is none yet
 * @param mood null for both axes takes the file's lines out, those with something in other columns only their moods
 */
export function withMood(table: MoodsTable | null, file: string, mood: HandMood): string {
  const { text, layout } = table ?? parseMoods(NO_MOODS, '');
  const { columns, records, lineEnd } = layout;
  const isOfFile = sameFile(
    file,
    records.map((record) => fileOf(record, columns)),
  );
  // One with cells of no column doesn't count whatever is written into it, and a stretch is never of a picture.
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
 * The text of a table for other programs: a name that a spreadsheet would take for a formula (see `written`) is written so
 * that it isn't; all else is as it is. It means the same when it comes back.
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

/** How a cell begins that spreadsheets calculate, quoted or not (OWASP, CSV Injection; the wide forms are of East Asian input). */
const FORMULA = /^(?:\s*[=+\-@＝＋－＠]|[\t\r])/u;

/**
 * A file's name as a cell. One like a formula (`=1+1.jpg`) gets `./` before it: it is the same path, which no spreadsheet
 * calculates, and the parser takes it away again. An apostrophe, which is often used for this, would be another file's name.
 */
function written(file: string): string {
  return csvCell(FORMULA.test(file) ? `./${file}` : file);
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

function isOfStretch({ cells }: CsvRecord, { start, end }: Columns): boolean {
  return [start, end].some((column) => (cells[column]?.text.trim() ?? '') !== '');
}

const OF_THE_MOOD: ReadonlySet<string> = new Set(['file', 'valence', 'arousal']);

/** Whether its file is all that a record says besides the mood. */
function isBare({ cells }: CsvRecord, columns: Columns): boolean {
  return cells.every(({ text }, i) => OF_THE_MOOD.has(columns.names[i] ?? '') || text.trim() === '');
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

/** The mood into the cells of a record, those that it lacks included. */
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
