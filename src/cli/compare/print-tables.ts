import type { Spread } from './spread.ts';

/** Numbers are rounded when they are shown. */
export type Cell = string | number | null | Spread;

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  /** The first cell is the name. */
  readonly rows: readonly (readonly Cell[])[];
  /** What a reader of the table must know, a line each. */
  readonly notes: readonly string[];
}

function text(cell: Cell): string {
  if (cell === null) return '–';
  if (typeof cell === 'string') return cell;
  if (typeof cell === 'number') return rounded(cell);
  if (cell.deviation === null) return rounded(cell.mean);
  return `${rounded(cell.mean)} ± ${cell.deviation.toFixed(4)}`;
}

function rounded(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(4);
}

export function asText({ title, columns, rows, notes }: Table): string {
  const cells = [columns, ...rows.map((row) => row.map(text))];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return `${[title, ...cells.map(line), ...notes].join('\n')}\n`;
}

export function asMarkdown({ title, columns, rows, notes }: Table): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  const rule = columns.map((_, i) => (i === 0 ? '---' : '---:'));
  const body = [columns, rule, ...rows.map((row) => row.map(text))].map(line).join('\n');
  return `**${title}**\n\n${body}\n${notes.length === 0 ? '' : `\n${notes.map((note) => `- ${note}\n`).join('')}`}`;
}
