import { sha256, sha256OfFile } from '../../checksum.ts';
import { SynestheteError } from '../../errors.ts';
import type { SystemSettings } from '../../networks/index.ts';
import { meanDistance, meanPoint, meanSimilarity, planePoints } from '../../plane.ts';
import type { PlanePoint, PlanePoints } from '../../plane.ts';
import { clipId, indexPairs, pictureId } from '../imemnet/index.ts';
import type { IndexedPair } from '../imemnet/index.ts';
import { entriesOfSplit } from '../manifest.ts';
import type { ManifestEntry, ManifestLine } from '../manifest.ts';
import type { Split } from '../split.ts';
import { badTable } from '../table.ts';
import type { FrozenBackbone } from './backbone.ts';
import { ClipStore } from './clip-store.ts';
import type { DataSources, JudgedSplit, PairList, TrainingLists } from './lists.ts';
import type { Media, StretchInputs } from './media.ts';
import { isBadFile, pixelsOf } from './media.ts';

export interface PictureItem {
  readonly file: string;
  readonly mood: PlanePoint;
  readonly id: string;
  /** SHA-256 of the file. */
  readonly content: string;
  /**
   * Features from the frozen backbone, [variants, features], the picture's own first; undefined when the backbone is
   * trained.
   */
  readonly features: Float32Array | undefined;
}

/** A clip: a place in a stretch. */
export interface ClipItem {
  /** Index of its stretch. */
  readonly stretch: number;
  /** Number of the consecutive clip in it. */
  readonly index: number;
  readonly mood: PlanePoint;
  readonly id: string;
  /** SHA-256 of the file, and the place of its stretch. */
  readonly content: string;
  readonly place: string;
}

export interface SplitData {
  readonly pictures: readonly PictureItem[];
  readonly clips: readonly ClipItem[];
  readonly store: ClipStore;
  readonly pictureMoods: PlanePoints;
  readonly clipMoods: PlanePoints;
}

export interface TrainingData {
  readonly train: SplitData;
  readonly val: SplitData;
  /** Present on request. */
  readonly test: SplitData | undefined;
  /** Pairs of the train split that a file lists; undefined unless one was given. */
  readonly pairs: readonly IndexedPair[] | undefined;
  /** Pairs for judging that a file lists, with their split, if one was given. */
  readonly judgedPairs: { readonly split: JudgedSplit; readonly list: readonly IndexedPair[] } | undefined;
  /** σ of docs/method.md (1) over the train split. */
  readonly sigma: number;
  /** Means over the train split. */
  readonly constant: {
    readonly similarity: number;
    readonly image: PlanePoint;
    readonly music: PlanePoint;
  };
  /** Files that were left out, each with its reason. */
  readonly skipped: readonly string[];
  /** Changes with the training data: files' contents, ratings, stretches, splits, pairs. */
  readonly fingerprint: string;
}

export interface DataOptions {
  readonly system: SystemSettings;
  readonly media: Media;
  readonly backbone: FrozenBackbone | null;
  readonly imageVariants: number;
  readonly clipVariants: number;
  readonly seed: number;
  /** Memory for features of clips, of all splits together. */
  readonly budgetBytes: number;
  readonly onProgress: (done: number, all: number) => void;
  /** Called with one line about what was left out. */
  readonly notice: (line: string) => void;
  /** Checked between files. */
  readonly signal: AbortSignal;
}

/**
 * Reads every picture and sound of the splits once, to find undecodable files before training begins and to fill the
 * cache with features and activations.
 * @throws SynestheteError BAD_PICTURE, NO_AUDIO, DECODE_FAILED, … of the first file that can't be decoded, with their
 *   number, unless they are skipped; BAD_TABLE when a split is empty, or most pairs have unknown pictures or clips
 */
export async function readTrainingData(
  sources: DataSources,
  { images, music, pairs: listed, judgedPairs: toJudge, splits: names }: TrainingLists,
  options: DataOptions,
): Promise<TrainingData> {
  const splits = names.map((split) => ({
    split,
    pictures: entriesOfSplit(images, split),
    stretches: entriesOfSplit(music, split),
  }));
  const all = splits.reduce((sum, { pictures, stretches }) => sum + pictures.length + stretches.length, 0);
  const files = new SplitFiles(options, all);
  const data: Partial<Record<Split, SplitData>> = {};
  for (const { split, pictures, stretches } of splits) {
    const read = await files.pictures(pictures, split);
    data[split] = { ...(await files.clips(stretches, split)), ...read };
  }
  files.refuse(sources.skipBad);
  const { train, val, test } = data as Record<'train' | 'val', SplitData> & { readonly test?: SplitData };
  for (const [split, { pictures, clips }] of Object.entries(data)) {
    if (pictures.length === 0)
      throw badTable(images.path, `has no picture of the split ${split} that can be decoded`);
    if (clips.length === 0)
      throw badTable(music.path, `has no sound of the split ${split} that can be decoded`);
  }
  const sigma = meanDistance(train.pictureMoods, train.clipMoods);
  const pairsOf = ({ path, pairs: of }: PairList, split: Split, data: SplitData): IndexedPair[] =>
    indexPairs(path, of, { ...idsOf(data), of: `the split ${split} of the manifests` }, options.notice);
  const pairs = listed && pairsOf(listed, 'train', train);
  const ofJudged = toJudge && { val, test }[toJudge.split];
  const judgedPairs = toJudge &&
    ofJudged && { split: toJudge.split, list: pairsOf(toJudge, toJudge.split, ofJudged) };
  return {
    train,
    val,
    test,
    pairs,
    judgedPairs,
    sigma,
    constant: {
      similarity: meanSimilarity(train.pictureMoods, train.clipMoods, sigma),
      image: meanPoint(train.pictureMoods),
      music: meanPoint(train.clipMoods),
    },
    skipped: files.bad.map(({ message }) => message),
    fingerprint: fingerprintOf({ train, val }, pairs),
  };
}

/** Pictures or sounds read at the same time. */
const TOGETHER = 4;

/** Reads the files of the splits and collects those that can't be decoded. */
class SplitFiles {
  readonly bad: SynestheteError[] = [];
  readonly #options: DataOptions;
  readonly #all: number;
  #done = 0;

  constructor(options: DataOptions, all: number) {
    this.#options = options;
    this.#all = all;
  }

  async #each<T>(
    entries: readonly ManifestLine[],
    read: (entry: ManifestLine) => Promise<T>,
  ): Promise<{ entry: ManifestLine; result: T }[]> {
    const results: { entry: ManifestLine; result: T }[] = [];
    for (let first = 0; first < entries.length; first += TOGETHER) {
      this.#options.signal.throwIfAborted();
      const together = entries.slice(first, first + TOGETHER).map(async (entry) => {
        try {
          return { entry, result: await read(entry) };
        } catch (error) {
          if (!isBadFile(error)) throw error;
          this.bad.push(error);
          return null;
        }
      });
      for (const one of await Promise.all(together)) if (one) results.push(one);
      this.#done += together.length;
      this.#options.onProgress(this.#done, this.#all);
    }
    return results;
  }

  async pictures(
    entries: readonly ManifestLine[],
    split: Split,
  ): Promise<Pick<SplitData, 'pictures' | 'pictureMoods'>> {
    const { media, backbone, imageVariants, seed } = this.#options;
    const variants = split === 'train' ? imageVariants : 0;
    const read = await this.#each(entries, async ({ file }) => {
      if (!backbone) {
        await pixelsOf(file, { width: 32, height: 32 }, null);
        return { features: undefined, content: await sha256OfFile(file) };
      }
      const features = new Float32Array((1 + variants) * backbone.features);
      let content = '';
      for (let variant = 0; variant <= variants; variant++) {
        const found = await media.frozenFeatures(file, backbone, variant, seed);
        features.set(found.features, variant * backbone.features);
        content = found.content;
      }
      return { features, content };
    });
    const pictures = read.map(({ entry, result }) => ({
      file: entry.file,
      mood: moodOf(entry),
      id: pictureId(entry),
      ...result,
    }));
    return { pictures, pictureMoods: planePoints(pictures.map(({ mood }) => mood)) };
  }

  async clips(
    entries: readonly ManifestLine[],
    split: Split,
  ): Promise<Pick<SplitData, 'clips' | 'clipMoods' | 'store'>> {
    const { media, system, clipVariants, seed, budgetBytes } = this.#options;
    const kind = system.system === 'l3-net' ? 'spectrogram' : 'features';
    const variants = split === 'train' ? clipVariants : 0;
    const read = (entry: ManifestLine): Promise<StretchInputs> => media.stretch(entry, kind, variants, seed);
    const counted = await this.#each(entries, async (entry) => {
      const { consecutive, content } = await read(entry);
      return { consecutive, content };
    });
    const store = new ClipStore(
      counted.map(({ entry }) => entry),
      read,
      budgetBytes * (split === 'train' ? 0.8 : 0.1),
    );
    const clips = counted.flatMap(({ entry, result }, stretch) =>
      Array.from({ length: result.consecutive }, (_, index) => ({
        stretch,
        index,
        mood: moodOf(entry),
        id: clipId(entry, index),
        content: result.content,
        place: `${entry.startSeconds ?? 0}..${entry.endSeconds ?? ''}`,
      })),
    );
    return { clips, store, clipMoods: planePoints(clips.map(({ mood }) => mood)) };
  }

  refuse(skipBad: boolean): void {
    const [first] = this.bad;
    if (!first || skipBad) return;
    const others = this.bad.length === 1 ? '' : ` (and ${this.bad.length - 1} more files that can't be read)`;
    throw new SynestheteError(first.code, `${first.message}${others}`, {
      cause: first,
      remedy: { kind: 'skip-bad' },
    });
  }
}

function idsOf({ pictures, clips }: SplitData) {
  return { pictures: pictures.map(({ id }) => id), clips: clips.map(({ id }) => id) };
}

function moodOf(entry: ManifestEntry): PlanePoint {
  // `readLists` keeps only rows with both ratings.
  return entry.rating!;
}

function fingerprintOf(splits: Record<'train' | 'val', SplitData>, pairs: TrainingData['pairs']): string {
  const lines = Object.entries(splits).flatMap(([split, { pictures, clips }]) => [
    ...pictures.map(({ id, content, mood }) =>
      [split, 'picture', id, content, mood.valence, mood.arousal].join('\t'),
    ),
    ...clips.map(({ id, index, content, place, mood }) =>
      [split, 'clip', id, content, place, index, mood.valence, mood.arousal].join('\t'),
    ),
  ]);
  for (const pair of pairs ?? []) lines.push(`${pair.picture}\t${pair.clip}\t${pair.similarity}`);
  return sha256(lines.join('\n'));
}
