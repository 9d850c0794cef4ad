import { isAborted } from '../../aborted.ts';
import { SynestheteError } from '../../errors.ts';
import type { CategorySettings, CdcmlSettings } from '../../families/on-encoders/index.ts';
import type { Mood } from '../../model/index.ts';
import { sidesOf, type Manifest, type ManifestLine } from '../index.ts';
import type { EncodedFiles } from './encoded-files.ts';

/** Files to learn from: with ratings, or (all of them) with a category instead, or with both. */
export interface LabelledSet {
  /** For people, such as `OASIS`. */
  readonly name: string;
  /** Its licence or terms. */
  readonly terms: string;
  readonly manifest: Manifest;
}

/** A picture (or a varied view of one) or a clip to learn from. */
export interface Example {
  readonly set: LabelledSet;
  readonly entry: ManifestLine;
  /** Features of all encoders, concatenated. */
  readonly features: Float32Array;
  readonly rating: Mood | undefined;
  /** The rated axis when only one of valence and arousal is rated. */
  readonly partialRating: Partial<Mood> | undefined;
  /** A category with a centre in the settings. */
  readonly category: string | undefined;
  /** Whether it is the picture itself or a clip, not a varied view. */
  readonly isOriginal: boolean;
  /** Relative to a rated file, which weighs 1; multiplied by the manifest's column `weight`. */
  readonly weight: number;
  /** A theme or song, which folds must keep together. */
  readonly group: string;
}

export interface ReadOptions {
  readonly files: EncodedFiles;
  readonly settings: CdcmlSettings;
  /** Whether to leave out files that can't be read; otherwise the first of them ends the training. */
  readonly skipBad: boolean;
  /** Called with the error of each file that was left out. */
  readonly skipped: (error: SynestheteError) => void;
  /** Called after each file. */
  readonly done: () => void;
  /** Stops before the next file. */
  readonly signal: AbortSignal | undefined;
}

/** Files in progress at the same time: while the engine encodes one, others are decoded. */
const FILES_TOGETHER = 3;

/** The features of pictures: of each one, and of varied views of each with ratings of both valence and arousal. */
export function pictureExamples(
  sets: readonly LabelledSet[],
  isUsed: (entry: ManifestLine) => boolean,
  options: ReadOptions,
): Promise<Example[]> {
  const { files, settings } = options;
  const { categories, views, viewWeight } = settings.picture;
  const work = sets.flatMap((set) =>
    set.manifest.entries.filter(isUsed).map((entry) => async (): Promise<Example[]> => {
      const label = labelOf(set, entry, categories);
      const shared = { set, entry, ...label, group: themeOf(entry) };
      const examples: Example[] = [
        { ...shared, features: await files.picture(entry.file, 0), isOriginal: true },
      ];
      if (label.rating === undefined) return examples;
      for (let view = 1; view <= views; view++) {
        const features = await files.picture(entry.file, view);
        examples.push({ ...shared, features, isOriginal: false, weight: label.weight * viewWeight });
      }
      return examples;
    }),
  );
  return readAll(work, options);
}

/** The features of the consecutive clips of stretches of sound files. */
export function clipExamples(
  sets: readonly LabelledSet[],
  isUsed: (entry: ManifestLine) => boolean,
  options: ReadOptions,
): Promise<Example[]> {
  const { files, settings } = options;
  const work = sets.flatMap((set) => {
    const byFile = new Map<string, ManifestLine[]>();
    for (const entry of set.manifest.entries.filter(isUsed)) {
      const entries = byFile.get(entry.file) ?? [];
      entries.push(entry);
      byFile.set(entry.file, entries);
    }
    return [...byFile].map(([file, entries]) => async (): Promise<Example[]> => {
      const stretches = entries.map(({ startSeconds = 0, endSeconds }) => ({ startSeconds, endSeconds }));
      const clips = await files.clips(file, stretches);
      return entries.flatMap((entry, i) => {
        const label = labelOf(set, entry, settings.music.categories);
        const shared = { set, entry, ...label, group: entry.columns['song'] ?? file, isOriginal: true };
        return clips[i]!.map((features) => ({ ...shared, features }));
      });
    });
  });
  return readAll(work, options);
}

/** How many files of the sets are read by `pictureExamples` and `clipExamples`. */
export function fileCount(sets: readonly LabelledSet[], isUsed: (entry: ManifestLine) => boolean): number {
  return sets.reduce(
    (sum, { manifest }) => sum + new Set(manifest.entries.filter(isUsed).map(({ file }) => file)).size,
    0,
  );
}

/** In the order of the work, not of completion. */
async function readAll(
  work: readonly (() => Promise<Example[]>)[],
  { skipBad, skipped, done, signal }: ReadOptions,
): Promise<Example[]> {
  const results: Example[][] = work.map(() => []);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < work.length && !isAborted(signal)) {
      const at = next++;
      try {
        results[at] = await work[at]!();
      } catch (error) {
        if (!skipBad || !(error instanceof SynestheteError) || !isOfFile(error)) {
          // The others stop after their current file.
          next = work.length;
          throw error;
        }
        skipped(error);
      }
      done();
    }
  };
  // Wait for all of them before throwing, because the caller then closes the encoders.
  const ends = await Promise.allSettled(Array.from({ length: FILES_TOGETHER }, worker));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return results.flat();
}

/** Whether the error concerns this file alone. */
function isOfFile({ code }: SynestheteError): boolean {
  return ['BAD_PICTURE', 'BAD_ENCODER', 'NO_AUDIO', 'DECODE_FAILED', 'BAD_SAMPLES', 'OUT_OF_RANGE'].includes(
    code,
  );
}

function labelOf(
  { manifest }: LabelledSet,
  entry: ManifestLine,
  { centres, weight }: CategorySettings,
): Pick<Example, 'rating' | 'partialRating' | 'category' | 'weight'> {
  const { rating, partialRating, columns } = entry;
  const isRated = (rating ?? partialRating) !== undefined;
  const category = Object.values(columns)
    .map((cell) => cell.trim())
    .find((cell) => Object.hasOwn(centres, cell));
  if (!isRated) {
    sidesOf(manifest.path, entry);
    if (category === undefined) {
      throw new SynestheteError(
        'BAD_TABLE',
        `${manifest.path}, line ${entry.line}: the settings give no centre for its category; they have ${Object.keys(centres).join(', ')}`,
      );
    }
  }
  return { rating, partialRating, category, weight: (isRated ? 1 : weight) * weightIn(manifest, entry) };
}

/** @throws SynestheteError BAD_TABLE for a cell `weight` that is no number above 0 */
function weightIn({ path }: Manifest, { columns, line }: ManifestLine): number {
  const text = columns['weight'];
  if (text === undefined || text.trim() === '') return 1;
  const weight = Number(text);
  if (Number.isFinite(weight) && weight > 0) return weight;
  throw new SynestheteError('BAD_TABLE', `${path}, line ${line}: weight "${text}" must be a number above 0`);
}

/** `Lake 4.jpg` and `Lake 12.jpg` show one theme, and so do rows with the same cell `theme`. */
function themeOf({ file, columns }: ManifestLine): string {
  return columns['theme'] ?? file.replace(/\s+\d+\.\w+$/, '');
}
