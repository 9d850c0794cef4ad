import type { TrainResult } from '../../../models/learning/trainer/index.ts';
import { runsOfTable } from './runs.ts';

/** What is kept of a finished run. */
export interface RunOutcome {
  readonly name: string;
  readonly validation: TrainResult['validation'];
  readonly ranking: TrainResult['ranking'];
  readonly steps: number;
  readonly bestEpoch: number;
  readonly seconds: number;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  /** The first cell is the name; numbers are rounded when they are shown. */
  readonly rows: readonly (readonly (string | number | null)[])[];
}

const COLUMNS = [
  '',
  'sim MSE',
  'sim MAE',
  'pict V MSE',
  'pict A MSE',
  'music V MSE',
  'music A MSE',
  'gap closed',
  'by',
  'steps',
];

const TITLES = {
  3: 'Table 3: systems',
  4: 'Table 4: terms of CDCML’s loss',
} as const;

function rowOf(title: string, { validation, ranking, steps }: RunOutcome): Table['rows'][number] {
  const { similarity, image, music, retrieval } = validation;
  return [
    title,
    similarity?.mse ?? null,
    similarity?.mae ?? null,
    image?.valence.mse ?? null,
    image?.arousal.mse ?? null,
    music?.valence.mse ?? null,
    music?.arousal.mse ?? null,
    retrieval[ranking]?.gapClosed ?? null,
    ranking,
    steps,
  ];
}

function constantRow({ validation: { similarity, image, music } }: RunOutcome): Table['rows'][number] {
  return [
    'constant mean',
    similarity?.constantMse ?? null,
    similarity?.constantMae ?? null,
    image?.valence.constantMse ?? null,
    image?.arousal.constantMse ?? null,
    music?.valence.constantMse ?? null,
    music?.arousal.constantMse ?? null,
    0,
    '',
    0,
  ];
}

/** The paper's Tables 3 and 4 of the runs that are finished, each with the constant predictor. */
export function comparisonTables(outcomes: ReadonlyMap<string, RunOutcome>): Table[] {
  const [any] = outcomes.values();
  if (!any) return [];
  return ([3, 4] as const).map((table) => ({
    title: `${TITLES[table]} (split val, ${any.validation.n.images} pictures × ${any.validation.n.clips} clips, σ ${any.validation.sigma.toFixed(4)})`,
    columns: COLUMNS,
    rows: [
      constantRow(any),
      ...runsOfTable(table).flatMap(({ name, title }) => {
        const outcome = outcomes.get(name);
        return outcome ? [rowOf(title, outcome)] : [];
      }),
    ],
  }));
}

function cell(value: string | number | null): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  return Number.isInteger(value) ? String(value) : value.toFixed(4);
}

export function asText({ title, columns, rows }: Table): string {
  const cells = [columns, ...rows.map((row) => row.map(cell))];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join('  ').trimEnd();
  return `${title}\n${cells.map(line).join('\n')}\n`;
}

export function asMarkdown({ title, columns, rows }: Table): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  const rule = columns.map((_, i) => (i === 0 ? '---' : '---:'));
  return `**${title}**\n\n${[columns, rule, ...rows.map((row) => row.map(cell))].map(line).join('\n')}\n`;
}
