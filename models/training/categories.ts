import type { Mood } from '../model/index.ts';
import type { ManifestLine } from './manifest.ts';
import { areaUnderCurve } from './metrics.ts';
import { badTable } from './table.ts';

/** The side of the plane's middle on which a category lies; undefined when it does not say. */
interface Sides {
  readonly pleasant: boolean;
  readonly excited: boolean | undefined;
}

interface Scheme {
  /** The manifest's column. */
  readonly column: string;
  readonly categories: Readonly<Record<string, Sides>>;
}

const side = (pleasant: boolean, excited?: boolean): Sides => ({ pleasant, excited });

/**
 * The eight emotions of FI (You et al., AAAI 2016, after Mikels et al. 2005): awe and disgust are found calm and excited.
 */
const EMOTIONS: Scheme = {
  column: 'emotion',
  categories: {
    amusement: side(true, true),
    awe: side(true),
    contentment: side(true, false),
    excitement: side(true, true),
    anger: side(false, true),
    disgust: side(false),
    fear: side(false, true),
    sadness: side(false, false),
  },
};

/** The quadrants of 4Q (Panda et al., 2018) and EMOPIA: Q1 +V+A, Q2 −V+A, Q3 −V−A, Q4 +V−A. */
const QUADRANTS: Scheme = {
  column: 'quadrant',
  categories: {
    Q1: side(true, true),
    Q2: side(false, true),
    Q3: side(false, false),
    Q4: side(true, false),
  },
};

/** Columns of a manifest that `sidesOf` understands. */
export const CATEGORY_COLUMNS: readonly string[] = [EMOTIONS.column, QUADRANTS.column];

/**
 * The sides of valence and arousal that the category of a manifest's row implies.
 *
 * @param path of the manifest, for messages.
 * @throws SynestheteError BAD_TABLE when the row has no known category.
 */
export function sidesOf(path: string, { columns, line }: ManifestLine): Sides {
  const scheme = [EMOTIONS, QUADRANTS].find(({ column }) => column in columns);
  if (scheme === undefined) {
    throw badTable(path, `lacks the column ${CATEGORY_COLUMNS.join(' or ')}`);
  }
  const category = columns[scheme.column]!.trim();
  if (Object.hasOwn(scheme.categories, category)) return scheme.categories[category]!;
  throw badTable(
    path,
    `line ${line}: "${category}" is not a known ${scheme.column}: ${Object.keys(scheme.categories).join(', ')}`,
  );
}

/** How well predicted moods tell categories apart, as areas under the ROC curve: 0.5 is chance, 1 never errs. */
export interface Separation {
  /** For valence, pleasant against unpleasant; NaN when one of them is missing. */
  readonly valenceAuc: number;
  /** For arousal, excited against calm; others don't count. */
  readonly arousalAuc: number;
}

export function separation(items: readonly { readonly mood: Mood; readonly sides: Sides }[]): Separation {
  const decided = items.filter(({ sides }) => sides.excited !== undefined);
  return {
    valenceAuc: areaUnderCurve(
      items.map(({ mood }) => mood.valence),
      items.map(({ sides }) => sides.pleasant),
    ),
    arousalAuc: areaUnderCurve(
      decided.map(({ mood }) => mood.arousal),
      decided.map(({ sides }) => sides.excited === true),
    ),
  };
}
