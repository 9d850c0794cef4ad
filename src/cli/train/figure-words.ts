import type { ModelDescription } from '../../../models/weights/index.ts';

/** Figures by their names in model.json. */
export type FiguresByName = Readonly<Record<string, number>>;

/** The words of a figure, and the figure of the constant predictor. */
interface FigureWords {
  readonly words: string;
  readonly constant?: number;
  /** Whether less is better. */
  readonly isError?: true;
}

/** For pairs, and for songs one after the other. */
const OF_SEVERAL: Readonly<Record<string, FigureWords>> = {
  similarityMseOfConstants: {
    words: 'similarity: MSE as a part of the constant’s',
    constant: 1,
    isError: true,
  },
  attentionMseOfConstants: {
    words: 'mood of a night, by attention: MSE as a part of the constant’s',
    constant: 1,
    isError: true,
  },
  smoothingMseOfConstants: {
    words: 'mood of a night, by the best window: MSE as a part of the constant’s',
    constant: 1,
    isError: true,
  },
  galleriesGap: { words: 'galleries of 40: part of the gap closed', constant: 0 },
  galleriesGapDeviation: { words: 'galleries of 40: deviation of that part' },
  galleriesFirst: { words: 'galleries of 40: pictures that are ever first' },
};

/** The figures of `leftOut` in a model's description, if it has any. */
export function leftOutOf({ metrics }: Pick<ModelDescription, 'metrics'>): FiguresByName {
  return (metrics['leftOut'] ?? {}) as FiguresByName;
}

/**
 * A name of model.json, as `imageValenceR2`, in words for people. Leaves a name as it is that this version doesn't
 * know.
 */
export function figureWords(name: string): FigureWords {
  const known = OF_SEVERAL[name];
  if (known !== undefined) return known;
  const [, of, axis, kind] = /^(.+)(Valence|Arousal)(R2|Auc|Within)$/.exec(name) ?? [];
  if (of === undefined || axis === undefined) return { words: name };
  const what = of === 'image' ? 'pictures' : of;
  const along = axis.toLowerCase();
  if (kind === 'R2') return { words: `${what}: R² of ${along}`, constant: 0 };
  if (kind === 'Auc') return { words: `${what}: AUC of ${along}`, constant: 0.5 };
  return { words: `${what}: ${along} within one deviation` };
}

/**
 * Figures as a table for people; a last line names those that are worse than the constant predictor's.
 * @param besides figures of the built-in model, for another column
 */
export function figureTable(figures: FiguresByName, besides?: FiguresByName): string {
  const rows = Object.entries(figures).map(([name, value]) => ({
    ...figureWords(name),
    value,
    beside: besides?.[name],
  }));
  const width = Math.max(...rows.map(({ words }) => words.length));
  const lines = rows.map(
    ({ words, value, beside }) =>
      `${words.padEnd(width)}  ${cell(value)}${beside === undefined ? '' : `  built-in ${cell(beside)}`}`,
  );
  const worse = rows.filter(
    ({ value, constant, isError }) =>
      constant !== undefined && (isError === true ? value > constant : value < constant),
  );
  if (worse.length > 0) {
    const names = worse.map(({ words, constant }) => `${words} (constant ${constant!})`).join('; ');
    lines.push(`worse than the constant predictor: ${names}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function cell(value: number): string {
  return value.toFixed(3).padStart(6);
}
