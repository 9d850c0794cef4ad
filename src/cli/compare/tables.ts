import type { JudgedSplit } from '../../../models/training/end-to-end/index.ts';
import type { RunOutcome } from './outcome.ts';
import type { Cell, Table } from './print-tables.ts';
import { PUBLISHED, RELEASED_CONSTANT, type PublishedFigures } from './published.ts';
import { systemsOfTable, type TableNumber } from './runs.ts';
import { spreadOf } from './spread.ts';

/** `pairs`: those that the paper judges by, few of all; `all`: every picture with every clip. */
type Population = 'pairs' | 'all';

type Validation = RunOutcome['validation'];
type Figures = Pick<Validation, 'similarity' | 'image' | 'music'>;

function validationOf({ validation, test }: RunOutcome, split: JudgedSplit): Validation {
  return split === 'val' ? validation : test!;
}

function figuresOf(validation: Validation, population: Population): Figures {
  return population === 'all' ? validation : validation.pairs!;
}

/** A figure of a table: its column, and where it is found. */
interface Column {
  readonly name: string;
  readonly of: (figures: Figures) => number | null | undefined;
  readonly constant: (figures: Figures) => number | null | undefined;
  readonly published: (figures: PublishedFigures) => number | undefined;
}

const SIMILARITY: readonly Column[] = [
  {
    name: 'sim MSE',
    of: ({ similarity }) => similarity?.mse,
    constant: ({ similarity }) => similarity?.constantMse,
    published: ({ similarity }) => similarity.mse,
  },
  {
    name: 'sim MAE',
    of: ({ similarity }) => similarity?.mae,
    constant: ({ similarity }) => similarity?.constantMae,
    published: ({ similarity }) => similarity.mae,
  },
];

const MOODS: readonly Column[] = (['image', 'music'] as const).flatMap((side) =>
  (['valence', 'arousal'] as const).flatMap((axis): Column[] => {
    const name = `${side === 'image' ? 'pict' : 'music'} ${axis === 'valence' ? 'V' : 'A'}`;
    return [
      {
        name: `${name} MSE`,
        of: (figures) => figures[side]?.[axis].mse,
        constant: (figures) => figures[side]?.[axis].constantMse,
        published: (figures) => figures[side]?.[axis],
      },
      {
        name: `${name} MAE`,
        of: (figures) => figures[side]?.[axis].mae,
        constant: (figures) => figures[side]?.[axis].constantMae,
        published: () => undefined,
      },
    ];
  }),
);

const TABLES: Readonly<Record<TableNumber, { readonly title: string; readonly columns: readonly Column[] }>> =
  {
    1: { title: 'Table 1: similarity by system', columns: SIMILARITY },
    3: { title: 'Table 3: valence and arousal by system', columns: MOODS },
    4: { title: 'Table 4: terms of CDCML’s loss', columns: [...SIMILARITY, ...MOODS] },
  };

/** The seeds of a system that are finished. */
interface Finished {
  readonly name: string;
  readonly title: string;
  readonly outcomes: readonly RunOutcome[];
}

/**
 * The paper's Tables 1, 3 and 4 of the runs that are finished, each on the pairs that the paper judges by and on all
 * pairs, with the constant predictor, and with the published figures where they are of the same kind.
 */
export function comparisonTables(outcomes: readonly RunOutcome[], split: JudgedSplit): Table[] {
  const [any] = outcomes;
  if (!any) return [];
  return ([1, 3, 4] as const).flatMap((table) => {
    const finished = systemsOfTable(table).flatMap(({ name, title }): Finished[] => {
      const own = outcomes.filter((outcome) => outcome.name === name);
      return own.length === 0 ? [] : [{ name, title, outcomes: own }];
    });
    return (['pairs', 'all'] as const).map((population) => ({
      title: `${TABLES[table].title}, ${describe(validationOf(any, split), population, split)}`,
      ...contents(table, population, finished, any, split),
    }));
  });
}

function describe({ n, sigma, pairs }: Validation, population: Population, split: JudgedSplit): string {
  const scale = `σ ${sigma.toFixed(4)}`;
  if (population === 'all')
    return `all pairs of ${split} (${n.images} pictures × ${n.clips} clips, ${scale})`;
  const origin = pairs!.isListed ? 'listed in a file' : 'drawn as IMEMNet’s, five a clip';
  return `${split} pairs (${pairs!.n}, ${origin}; ${scale})`;
}

function contents(
  table: TableNumber,
  population: Population,
  finished: readonly Finished[],
  any: RunOutcome,
  split: JudgedSplit,
): Pick<Table, 'columns' | 'rows' | 'notes'> {
  const { columns } = TABLES[table];
  const isPublished = population === 'pairs';
  const hasRanking = population === 'all' && table !== 3;
  const pad = (cells: readonly Cell[]): readonly Cell[] => (hasRanking ? cells : []);
  const constants = figuresOf(validationOf(any, split), population);
  const publishedRow = (title: string, figures: PublishedFigures | undefined): Cell[][] =>
    isPublished && figures
      ? [[`– ${title}`, ...columns.map(({ published }) => published(figures) ?? null), null]]
      : [];
  const rowsOf = ({ name, title, outcomes }: Finished): (readonly Cell[])[] => {
    const judged = outcomes.map((outcome) => validationOf(outcome, split));
    const figures = judged.map((validation) => figuresOf(validation, population));
    const gaps = outcomes.map(({ ranking }, i) => judged[i]!.retrieval[ranking]?.gapClosed);
    return [
      [
        title,
        ...columns.map(({ of }) => spreadOf(figures.map(of))),
        ...pad([spreadOf(gaps), distinct(outcomes.map(({ ranking }) => ranking))]),
        distinct(outcomes.map(({ steps }) => String(steps))),
      ],
      ...publishedRow('published, on IMEMNet', PUBLISHED.get(name)),
    ];
  };
  return {
    columns: ['', ...columns.map(({ name }) => name), ...pad(['gap closed', 'by']).map(String), 'steps'],
    rows: [
      ['constant mean', ...columns.map(({ constant }) => constant(constants) ?? null), ...pad([0, '']), null],
      ...publishedRow('of the released test list', RELEASED_CONSTANT),
      ...finished.flatMap(rowsOf),
    ],
    notes: notesOf(finished, split),
  };
}

function distinct(values: readonly string[]): string {
  return [...new Set(values)].join(', ');
}

function notesOf(finished: readonly Finished[], split: JudgedSplit): string[] {
  const all = new Set(finished.flatMap(({ outcomes }) => outcomes.map(({ seed }) => seed)));
  return [
    split === 'val'
      ? 'the split val has also chosen the epoch of each run, and what it ranks by: the figures flatter'
      : 'the split val has chosen the epoch of each run, and what it ranks by',
    ...finished.flatMap(({ title, outcomes }) => {
      if (outcomes.length === all.size) return [];
      return [`${title}: so far of seed ${outcomes.map(({ seed }) => seed).join(', ')} alone`];
    }),
    ...finished.flatMap(({ title, outcomes }) => {
      const settings = Object.entries(outcomes[0]!.ownSettings);
      if (settings.length === 0) return [];
      const differences = settings.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(', ');
      return [`${title} was trained with ${differences}, unlike the others`];
    }),
    ...finished.flatMap(({ title, name, outcomes }) => {
      const { frozen } = outcomes[0]!.settings;
      if (name === 'l3-net') return [`${title} learns its pictures and sounds from random weights`];
      return name === 'acp-net' && frozen ? [`${title} never trains its picture network`] : [];
    }),
  ];
}

/** One line of what all runs have in common. */
export function settingsLine(outcomes: readonly RunOutcome[]): string {
  // L3-Net and ACP-Net have their own, which the notes give.
  const isCommon = ({ name }: RunOutcome): boolean => name !== 'l3-net' && name !== 'acp-net';
  const outcome = outcomes.find(isCommon) ?? outcomes[0];
  if (!outcome) return '';
  const { settings, trainedOn } = outcome;
  const { epochs, batch, optimiser, learningRate, decayBy, decayEpochs, imageBackbone, frozen } = settings;
  const seeds = [...new Set(outcomes.map(({ seed }) => seed))].sort((a, b) => a - b);
  const pairs =
    settings.pairs === 'dense'
      ? 'all pairs of a batch'
      : trainedOn.listedPairs === null
        ? 'five pairs a clip'
        : `${trainedOn.listedPairs} listed pairs`;
  return [
    `seeds ${seeds.join(', ')} (mean ± deviation)`,
    `${epochs} epochs, batch ${batch}, ${optimiser} ${learningRate} × ${decayBy} every ${decayEpochs} epochs`,
    `pictures by ${imageBackbone}, ${frozen ? 'frozen' : 'trained end to end'}`,
    `trained on ${trainedOn.images} pictures and ${trainedOn.clips} clips, ${pairs}`,
    distinct(outcomes.map(({ engine }) => engine)),
  ].join('; ');
}
