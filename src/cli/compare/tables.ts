import type { TrainResult } from '../../../models/learning/trainer/index.ts';
import { runsOfTable } from './runs.ts';

/** What is kept of a finished run. */
export interface RunOutcome {
  readonly name: string;
  /** What it ran on. */
  readonly engine: string;
  /** Settings that were other than those of all runs. */
  readonly ownSettings: Readonly<Record<string, unknown>>;
  readonly validation: TrainResult['validation'];
  /** Where both manifests have that split. */
  readonly test?: NonNullable<TrainResult['test']>;
  readonly ranking: TrainResult['ranking'];
  readonly steps: number;
  readonly bestEpoch: number;
  readonly seconds: number;
}

/** The split that a table is of. */
export type JudgedSplit = 'test' | 'val';

type Figures = RunOutcome['validation'];

function figuresOf({ validation, test }: RunOutcome, split: JudgedSplit): Figures {
  return split === 'val' ? validation : test!;
}

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  /** The first cell is the name; numbers are rounded when they are shown. */
  readonly rows: readonly (readonly (string | number | null)[])[];
  /** What one must know to read it, a line each. */
  readonly notes: readonly string[];
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

function rowOf(title: string, outcome: RunOutcome, split: JudgedSplit): Table['rows'][number] {
  const { ranking, steps } = outcome;
  const { similarity, image, music, retrieval } = figuresOf(outcome, split);
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

function constantRow({ similarity, image, music }: Figures): Table['rows'][number] {
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
export function comparisonTables(outcomes: ReadonlyMap<string, RunOutcome>, split: JudgedSplit): Table[] {
  const [any] = outcomes.values();
  if (!any) return [];
  const figures = figuresOf(any, split);
  const { n, sigma } = figures;
  return ([3, 4] as const).map((table) => {
    const runs = runsOfTable(table).flatMap(({ name, title }) => {
      const outcome = outcomes.get(name);
      return outcome ? [{ title, outcome }] : [];
    });
    return {
      title: `${TITLES[table]} (split ${split}, ${n.images} pictures × ${n.clips} clips, σ ${sigma.toFixed(4)})`,
      columns: COLUMNS,
      rows: [constantRow(figures), ...runs.map(({ title, outcome }) => rowOf(title, outcome, split))],
      notes: notesOf(runs, split),
    };
  });
}

function notesOf(
  runs: readonly { readonly title: string; readonly outcome: RunOutcome }[],
  split: JudgedSplit,
): string[] {
  const engines = new Set(runs.map(({ outcome }) => outcome.engine));
  return [
    split === 'val'
      ? 'the split val has also chosen the epoch of each run, and what it ranks by: the figures flatter'
      : 'the split val has chosen the epoch of each run, and what it ranks by',
    ...[...engines].map((engine) => `engine: ${engine}`),
    ...runs.flatMap(({ title, outcome: { ownSettings } }) => {
      const settings = Object.entries(ownSettings).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
      return settings.length === 0
        ? []
        : [`${title} was trained with ${settings.join(', ')} unlike the others`];
    }),
  ];
}

function cell(value: string | number | null): string {
  if (value === null) return '–';
  if (typeof value === 'string') return value;
  return Number.isInteger(value) ? String(value) : value.toFixed(4);
}

export function asText({ title, columns, rows, notes }: Table): string {
  const cells = [columns, ...rows.map((row) => row.map(cell))];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!)))
      .join('  ')
      .trimEnd();
  return `${[title, ...cells.map(line), ...notes].join('\n')}\n`;
}

export function asMarkdown({ title, columns, rows, notes }: Table): string {
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  const rule = columns.map((_, i) => (i === 0 ? '---' : '---:'));
  return `**${title}**\n\n${[columns, rule, ...rows.map((row) => row.map(cell))].map(line).join('\n')}\n\n${notes.map((note) => `- ${note}`).join('\n')}\n`;
}
