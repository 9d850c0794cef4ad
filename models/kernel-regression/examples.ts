import { SynestheteError } from '../errors.ts';
import { sidesOf, type Manifest, type ManifestLine } from '../learning/index.ts';
import type { Mood } from '../serving/index.ts';
import type { Degradation } from './picture-statistics.ts';
import type { KernelSettings } from './settings.ts';
import type { Example } from './side.ts';

/** A part of a sound file, from its start on; to its end where none is given. */
export interface Stretch {
  readonly startSeconds: number;
  readonly endSeconds: number | undefined;
}

/** Statistics of what a manifest names. */
export interface StatisticsSource {
  /** @throws SynestheteError for a picture that can't be read. */
  picture(file: string, degraded?: Degradation): Promise<Float32Array>;
  /**
   * Of the clips of 2 s that start every `hopSeconds` in a stretch of a sound file, from its start on.
   * @throws SynestheteError for a file that can't be read, or has no clip.
   */
  clips(file: string, stretch: Stretch, hopSeconds: number): Promise<readonly Float32Array[]>;
}

/** Files to learn from, rated or (all of them) with a category in place of ratings. */
export interface LabelledSet {
  /** For people, as `OASIS`. */
  readonly name: string;
  /** The licence or terms it came under. */
  readonly terms: string;
  readonly manifest: Manifest;
}

/** An example, and where it came from. */
export interface SourcedExample extends Example {
  readonly set: LabelledSet;
  readonly entry: ManifestLine;
}

export interface ReadOptions {
  readonly source: StatisticsSource;
  readonly settings: KernelSettings;
  /** Whether files that can't be read are left out; if not, the first of them ends the training. */
  readonly skipBad: boolean;
  /** Told of each file that was left out. */
  readonly skipped: (error: SynestheteError) => void;
  /** Told after each file. */
  readonly done: () => void;
  /** Asked before each file: whether to leave it and all others. */
  readonly isStopped: () => boolean;
}

/** The statistics of pictures: of each one, and of each rated one once more, degraded. */
export async function pictureExamples(
  sets: readonly LabelledSet[],
  isUsed: (entry: ManifestLine) => boolean,
  options: ReadOptions,
): Promise<SourcedExample[]> {
  const {
    source,
    settings: { picture },
  } = options;
  return readAll(sets, isUsed, options, async (set, entry) => {
    const label = labelOf(set, entry, picture.categories.centres);
    const shared = { set, entry, label, group: themeOf(entry) };
    const original: SourcedExample = {
      ...shared,
      statistics: await source.picture(entry.file),
      isOriginal: true,
      weight: 1,
    };
    if (typeof label === 'string') return [original];
    const { side, jpegQuality, weight } = picture.degraded;
    const statistics = await source.picture(entry.file, { side, jpegQuality });
    return [original, { ...shared, statistics, isOriginal: false, weight }];
  });
}

/** The statistics of clips: of the consecutive ones, and of those between. */
export async function clipExamples(
  sets: readonly LabelledSet[],
  isUsed: (entry: ManifestLine) => boolean,
  options: ReadOptions,
): Promise<SourcedExample[]> {
  const {
    source,
    settings: { music },
  } = options;
  return readAll(sets, isUsed, options, async (set, entry) => {
    const label = labelOf(set, entry, music.categories.centres);
    const stretch = { startSeconds: entry.startSeconds ?? 0, endSeconds: entry.endSeconds };
    const clips = await source.clips(entry.file, stretch, music.hopSeconds);
    return clips.map((statistics, i) => ({
      set,
      entry,
      label,
      group: entry.columns['song'] ?? entry.file,
      statistics,
      isOriginal: (i * music.hopSeconds) % 2 === 0,
      weight: 1,
    }));
  });
}

async function readAll(
  sets: readonly LabelledSet[],
  isUsed: (entry: ManifestLine) => boolean,
  { skipBad, skipped, done, isStopped }: ReadOptions,
  read: (set: LabelledSet, entry: ManifestLine) => Promise<SourcedExample[]>,
): Promise<SourcedExample[]> {
  const examples: SourcedExample[] = [];
  for (const set of sets) {
    for (const entry of set.manifest.entries.filter(isUsed)) {
      if (isStopped()) return examples;
      try {
        examples.push(...(await read(set, entry)));
      } catch (error) {
        if (!skipBad || !(error instanceof SynestheteError) || !isOfFile(error)) throw error;
        skipped(error);
      }
      done();
    }
  }
  return examples;
}

/** Whether another file may do better. */
function isOfFile({ code }: SynestheteError): boolean {
  return ['BAD_PICTURE', 'NO_AUDIO', 'DECODE_FAILED', 'BAD_SAMPLES', 'OUT_OF_RANGE'].includes(code);
}

function labelOf(
  { manifest }: LabelledSet,
  entry: ManifestLine,
  centres: Readonly<Record<string, Mood>>,
): Mood | string {
  if (entry.rating !== undefined) return entry.rating;
  sidesOf(manifest.path, entry);
  const category = Object.values(entry.columns)
    .map((cell) => cell.trim())
    .find((cell) => Object.hasOwn(centres, cell));
  if (category !== undefined) return category;
  throw new SynestheteError(
    'BAD_TABLE',
    `${manifest.path}, line ${entry.line}: the settings give no centre for its category; they have ${Object.keys(centres).join(', ')}`,
  );
}

/** `Lake 4.jpg` and `Lake 12.jpg` show one theme, and so do rows with the same cell `theme`. */
function themeOf({ file, columns }: ManifestLine): string {
  return columns['theme'] ?? file.replace(/\s+\d+\.\w+$/, '');
}
