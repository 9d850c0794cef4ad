import { join } from 'node:path';
import type { JudgedSplit } from '../../../models/training/end-to-end/index.ts';
import { removeHalfWritten, writeWhole } from '../../../models/write-whole.ts';
import type { RunOutcome } from './outcome.ts';
import { asMarkdown, asText } from './print-tables.ts';
import { comparisonTables, settingsLine } from './tables.ts';

const JSON_FILE = 'comparison.json';
const MARKDOWN_FILE = 'comparison.md';

/** The tables as they are printed. */
export function tablesAs(
  format: 'text' | 'markdown' | 'json',
  outcomes: readonly RunOutcome[],
  split: JudgedSplit,
): string {
  if (format === 'json') return `${JSON.stringify(contents(outcomes, split))}\n`;
  if (format === 'markdown') return markdown(outcomes, split);
  return [`${settingsLine(outcomes)}\n`, ...comparisonTables(outcomes, split).map(asText)].join('\n');
}

/** What comparison.json holds, and `--format json` prints. */
function contents(outcomes: readonly RunOutcome[], split: JudgedSplit) {
  const tables = comparisonTables(outcomes, split);
  return { split, settings: settingsLine(outcomes), tables, runs: outcomes };
}

function markdown(outcomes: readonly RunOutcome[], split: JudgedSplit): string {
  return [`${settingsLine(outcomes)}\n`, ...comparisonTables(outcomes, split).map(asMarkdown)].join('\n');
}

/** Writes comparison.json and comparison.md. @throws SynestheteError WRITE_FAILED */
export async function writeTables(
  out: string,
  outcomes: readonly RunOutcome[],
  split: JudgedSplit,
): Promise<void> {
  await writeWhole(join(out, JSON_FILE), `${JSON.stringify(contents(outcomes, split), undefined, 2)}\n`);
  await writeWhole(join(out, MARKDOWN_FILE), markdown(outcomes, split));
}

/** Removes what a process that was killed while writing them has left. */
export async function removeHalfWrittenTables(out: string): Promise<void> {
  await removeHalfWritten(out, [JSON_FILE, MARKDOWN_FILE]);
}
