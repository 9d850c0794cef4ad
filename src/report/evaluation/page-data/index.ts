import { dirname, relative, sep } from 'node:path';
import { projectEmbeddings, type Projections } from '../../../../models/training/index.ts';
import type { EvaluationFindings, LabelledClip } from '../findings.ts';
import { SHEET_COLUMNS, SHEET_ROWS, TILE_SIDE } from '../thumbnails.ts';

/*
 * The data of the page's script: for each picture and clip ten numbers of 16 bits and a name, which is 27 characters of
 * base64 and a path, so that 100,000 pictures are a page of some megabytes that opens at once.
 */

const GROUPS = ['image', 'music'] as const;
export type GroupName = (typeof GROUPS)[number];

/**
 * For each point: the rating by people, the model's prediction with its deviations, and its places in the two
 * projections.
 */
export type ColumnName =
  | 'valence'
  | 'arousal'
  | 'readValence'
  | 'readArousal'
  | 'valenceSd'
  | 'arousalSd'
  | 'principalX'
  | 'principalY'
  | 'moodX'
  | 'moodY';

/** Numbers as unsigned 16-bit integers, little-endian, in base64: 0 is `low`, 65535 is `high`. */
export interface PackedColumn {
  readonly low: number;
  readonly high: number;
  readonly data: string;
}

export interface PackedGroup {
  /** Paths below `PageData.folder`. */
  readonly names: readonly string[];
  /** Where each clip starts in its file; empty for pictures. */
  readonly startSeconds: readonly number[];
  readonly columns: Readonly<Partial<Record<ColumnName, PackedColumn>>>;
}

export interface PanelAxis {
  readonly column: ColumnName;
  readonly label: string;
  readonly low: number;
  readonly high: number;
}

/** A canvas with points. */
export interface PanelSpec {
  readonly id: string;
  readonly groups: readonly GroupName[];
  readonly x: PanelAxis;
  readonly y: PanelAxis;
  /** Colours the points by this rating; without it they have one colour. */
  readonly colour?: 'valence' | 'arousal';
  /** The constant predictor's value on y; also draws the diagonal. */
  readonly constant?: number;
}

export interface PageData {
  readonly folder: string;
  readonly groups: Readonly<Record<GroupName, PackedGroup>>;
  readonly panels: readonly PanelSpec[];
  /** What the two ends of the colours mean. */
  readonly colours: Readonly<Record<'valence' | 'arousal', readonly [low: number, high: number]>>;
  readonly thumbnails: { readonly side: number; readonly columns: number; readonly rows: number };
}

/** The numbers of the page, and the facts of the projections (null where there is nothing to project). */
export function pageData(findings: EvaluationFindings): { data: PageData; projections: Projections | null } {
  const items = { image: findings.pictures, music: findings.clips };
  const projections = projectEmbeddings(
    GROUPS.map((group) =>
      items[group].map(({ name, prediction: { embedding }, label }) => ({ file: name, embedding, label })),
    ),
  );
  const folder = commonFolder([...findings.pictures, ...findings.clips].map(({ name }) => name));
  const group = (name: GroupName, place: number): PackedGroup => ({
    names: items[name].map((item) => relative(folder, item.name)),
    startSeconds:
      name === 'music' ? findings.clips.map(({ startSeconds }: LabelledClip) => startSeconds) : [],
    columns: {
      valence: packed(items[name], ({ label }) => label.valence),
      arousal: packed(items[name], ({ label }) => label.arousal),
      readValence: packed(items[name], ({ prediction }) => prediction.valence),
      readArousal: packed(items[name], ({ prediction }) => prediction.arousal),
      valenceSd: packed(items[name], ({ prediction }) => prediction.valenceSd),
      arousalSd: packed(items[name], ({ prediction }) => prediction.arousalSd),
      ...(projections && {
        principalX: packed(items[name], (_, i) => projections.principal.points[place]![2 * i]!),
        principalY: packed(items[name], (_, i) => projections.principal.points[place]![2 * i + 1]!),
        moodX: packed(items[name], (_, i) => projections.moods.points[place]![2 * i]!),
        moodY: packed(items[name], (_, i) => projections.moods.points[place]![2 * i + 1]!),
      }),
    },
  });
  const labels = [...findings.pictures, ...findings.clips].map(({ label }) => label);
  return {
    projections,
    data: {
      folder,
      groups: { image: group('image', 0), music: group('music', 1) },
      panels: [...predictionPanels(findings), ...(projections === null ? [] : embeddingPanels(projections))],
      colours: {
        valence: middleRange(labels.map(({ valence }) => valence)),
        arousal: middleRange(labels.map(({ arousal }) => arousal)),
      },
      thumbnails: { side: TILE_SIDE, columns: SHEET_COLUMNS, rows: SHEET_ROWS },
    },
  };
}

function predictionPanels({ figures, pictures, clips, model }: EvaluationFindings): PanelSpec[] {
  return GROUPS.flatMap((group) => {
    const items = group === 'image' ? pictures : clips;
    if (figures[group] === null || items.length === 0) return [];
    return (['valence', 'arousal'] as const).map((axis): PanelSpec => {
      // A head may predict a little outside of [0, 1].
      const [low, high] = rangeOf(items.map(({ prediction }) => prediction[axis]));
      const range = { low: Math.min(0, low), high: Math.max(1, high) };
      const name = axis === 'valence' ? 'Valence' : 'Arousal';
      return {
        id: `${group}-${axis}`,
        groups: [group],
        x: { column: axis, label: `${axis} as people say`, ...range },
        y: { column: `read${name}`, label: `${axis} as the model reads`, ...range },
        constant: model.description.constant[group][axis],
      };
    });
  });
}

function embeddingPanels({ principal, moods }: Projections): PanelSpec[] {
  const share = (part: number) => `${(100 * part).toFixed(0)} % of the variance`;
  const fitInWords = (r2: number) =>
    Number.isFinite(r2) ? `R² ${r2.toFixed(2)} of files left out` : 'all labels are one';
  const planes = [
    {
      id: 'principal',
      columns: ['principalX', 'principalY'],
      labels: principal.axes.map(({ varianceShare }, i) => `component ${i + 1}, ${share(varianceShare)}`),
      points: principal.points,
    },
    {
      id: 'moods',
      columns: ['moodX', 'moodY'],
      labels: moods.axes.map(
        ({ r2 }, i) => `direction of ${i === 0 ? 'valence' : 'arousal'}, ${fitInWords(r2)}`,
      ),
      points: moods.points,
    },
  ] as const;
  return planes.flatMap(({ id, columns, labels, points }) => {
    const axis = (place: 0 | 1): PanelAxis => {
      const [low, high] = rangeOf(points.flatMap((of) => Array.from(of).filter((_, i) => i % 2 === place)));
      return { column: columns[place], label: labels[place]!, ...widened(low, high) };
    };
    return (['valence', 'arousal'] as const).map((colour): PanelSpec => ({
      id: `${id}-${colour}`,
      groups: GROUPS,
      x: axis(0),
      y: axis(1),
      colour,
    }));
  });
}

/** Room for the dots at the edge. */
function widened(low: number, high: number): { readonly low: number; readonly high: number } {
  const room = (high - low) * 0.04 || 1;
  return { low: low - room, high: high + room };
}

function packed<T>(items: readonly T[], of: (item: T, index: number) => number): PackedColumn {
  const values = Float64Array.from(items, of);
  const [low, high] = rangeOf(values);
  const scale = high > low ? 65535 / (high - low) : 0;
  const bytes = Buffer.alloc(2 * values.length);
  values.forEach((value, i) => bytes.writeUInt16LE(Math.round((value - low) * scale), 2 * i));
  return { low, high, data: bytes.toString('base64') };
}

function rangeOf(values: ArrayLike<number>): [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  return low <= high ? [low, high] : [0, 1];
}

/** From the 2nd to the 98th percentile, so that a few extreme ratings don't make all others look alike. */
function middleRange(values: readonly number[]): [low: number, high: number] {
  const sorted = Float64Array.from(values).sort();
  const at = (part: number) => sorted[Math.round(part * (sorted.length - 1))] ?? part;
  return [at(0.02), at(0.98)];
}

function commonFolder(files: readonly string[]): string {
  let common = files.length === 0 ? '' : dirname(files[0]!);
  for (const file of files) {
    while (common !== dirname(common) && !file.startsWith(common.endsWith(sep) ? common : `${common}${sep}`))
      common = dirname(common);
  }
  return common;
}
