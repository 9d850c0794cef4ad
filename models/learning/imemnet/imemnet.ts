import { parse } from 'node:path';
import { SPLITS, type Manifest, type ManifestEntry, type ManifestLine, type Split } from '../manifest.ts';
import { meanDistance, planePoints, similarity, type PlanePoint } from '../plane.ts';
import { Random } from '../random.ts';
import { badTable } from '../table.ts';
import type { SimilarityPair } from './pair-file.ts';
import { IMEMNET_PAIRS, samplePairs, type PairCounts } from './sample-pairs.ts';
import { drawSplits } from './splits.ts';

export interface ImemnetOptions {
  /** Everything that is drawn depends on it alone; any integer. */
  readonly seed: number;
  /** Pictures with the same value in this column go into the same split; by default each picture is by itself. */
  readonly keepTogether?: string;
  readonly pairs?: PairCounts;
}

/** Where a corpus's ratings lay before it was scaled by its own minimum and range. */
interface CorpusRange {
  readonly manifest: string;
  readonly kind: 'image' | 'music';
  readonly count: number;
  readonly valence: readonly [min: number, max: number];
  readonly arousal: readonly [min: number, max: number];
}

export interface Imemnet {
  /** One a picture, with its split, its `id`, and its ratings scaled over its corpus. */
  readonly images: readonly ManifestEntry[];
  /** One a clip of 2 s, likewise; the column `song` names the song, `clip` counts from 0 within it. */
  readonly clips: readonly ManifestEntry[];
  readonly pairs: Readonly<Record<Split, readonly SimilarityPair[]>>;
  /** σ of METHOD (1): the mean distance over all pictures × all clips. */
  readonly sigma: number;
  readonly corpora: readonly CorpusRange[];
}

const CLIP_SECONDS = 2;

/**
 * Builds a dataset as IMEMNet was built: each corpus (manifest) is scaled to [0, 1] by its own minimum and range;
 * pictures and songs are split 80/5/15, none into two; stretches of songs are cut into consecutive clips of 2 s; pairs
 * are drawn within each split (`samplePairs`); their similarity is METHOD (1) with σ of all pictures and clips.
 * Numbers of clips count the 2 s that are labelled, from 0; what number the released files start from isn't known.
 *
 * @param imageManifests rated pictures, a corpus each.
 * @param musicManifests rated stretches of songs, with `start` and `end`, a corpus each. A song is the column `song`,
 * or the file where there is none.
 * @throws SynestheteError BAD_TABLE for ids that two pictures or songs share, a stretch without its times, a corpus
 * whose ratings are all the same.
 */
export function buildImemnet(
  imageManifests: readonly Manifest[],
  musicManifests: readonly Manifest[],
  options: ImemnetOptions,
): Imemnet {
  const { seed, keepTogether } = options;
  const corpora: CorpusRange[] = [];
  const scaled = (manifest: Manifest, kind: CorpusRange['kind'], entries: readonly Rated[]): Rated[] => {
    const { scaledEntries, range } = scaleByRange(manifest, kind, entries);
    corpora.push(range);
    return scaledEntries;
  };
  const pictures = imageManifests.flatMap((m) => scaled(m, 'image', picturesOf(m, keepTogether)));
  const cuts = musicManifests.flatMap((m) => scaled(m, 'music', clipsOf(m)));
  refuseSharedIds(pictures);
  refuseSharedSongs(cuts);

  const images = inSplits(pictures, seed, 'pictures');
  const clips = inSplits(cuts, seed, 'songs');
  const sigma = meanDistance(
    planePoints(pictures.map(({ rating }) => rating)),
    planePoints(cuts.map(({ rating }) => rating)),
  );
  const pairsOf = (split: Split): SimilarityPair[] => {
    const splitImages = images.filter((entry) => entry.split === split);
    const splitClips = clips.filter((entry) => entry.split === split);
    return samplePairs(
      planePoints(splitImages.map(({ rating }) => rating)),
      planePoints(splitClips.map(({ rating }) => rating)),
      options.pairs ?? IMEMNET_PAIRS,
      Random.seeded(seed, `pairs of ${split}`),
    ).map(([clip, image, distance]) => ({
      song: splitClips[clip]!.columns['song']!,
      clip: Number(splitClips[clip]!.columns['clip']),
      picture: splitImages[image]!.id!,
      similarity: similarity(distance, sigma),
    }));
  };
  const pairs = Object.fromEntries(SPLITS.map((split) => [split, pairsOf(split)])) as Record<
    Split,
    SimilarityPair[]
  >;
  return { images, clips, pairs, sigma, corpora };
}

/** An entry that is rated, and what goes into one split with it. */
interface Rated extends ManifestEntry {
  readonly rating: PlanePoint;
  readonly manifest: string;
  readonly line: number;
  readonly group: string;
  /** What the group's name stands for; one name must not stand for two things. */
  readonly origin: string;
}

function ratingOf(manifest: Manifest, { rating, line }: ManifestLine): PlanePoint {
  if (rating !== undefined) return rating;
  throw badTable(manifest.path, `line ${line}: has no valence and arousal; IMEMNet is built of rated files`);
}

function picturesOf(manifest: Manifest, keepTogether: string | undefined): Rated[] {
  return manifest.entries.map((entry) => {
    const id = entry.id ?? parse(entry.file).name;
    const together = keepTogether === undefined ? undefined : entry.columns[keepTogether];
    // A picture is never taken for a group's name, nor two corpora's groups for one.
    const group = together === undefined ? `picture\n${id}` : `${manifest.path}\n${together}`;
    return { ...entry, id, rating: ratingOf(manifest, entry), manifest: manifest.path, group, origin: group };
  });
}

function clipsOf(manifest: Manifest): Rated[] {
  const nextNumber = new Map<string, number>();
  return manifest.entries.flatMap((entry) => {
    const { startSeconds, endSeconds, line } = entry;
    if (startSeconds === undefined || endSeconds === undefined) {
      throw badTable(
        manifest.path,
        `line ${line}: has no start and end; IMEMNet's clips need to know where labels begin and end`,
      );
    }
    const rating = ratingOf(manifest, entry);
    // White space separates the columns of a file of pairs.
    const song = (entry.columns['song'] ?? parse(entry.file).name).replaceAll(/\s+/g, '_');
    // Times are decimal fractions: 17.1 − 15.1 is a little less than 2.
    const count = Math.floor((endSeconds - startSeconds) / CLIP_SECONDS + 1e-6);
    return Array.from({ length: count }, (_, index): Rated => {
      const clip = nextNumber.get(song) ?? 0;
      nextNumber.set(song, clip + 1);
      const start = startSeconds + index * CLIP_SECONDS;
      return {
        file: entry.file,
        rating,
        split: undefined,
        startSeconds: start,
        endSeconds: start + CLIP_SECONDS,
        id: `${song}-${clip}`,
        columns: { ...entry.columns, song, clip: String(clip) },
        manifest: manifest.path,
        line,
        group: song,
        origin: `${manifest.path}\n${entry.columns['song'] ?? entry.file}`,
      };
    });
  });
}

function scaleByRange(manifest: Manifest, kind: CorpusRange['kind'], entries: readonly Rated[]) {
  const rangeOf = (dimension: keyof PlanePoint): [number, number] => {
    let min = Infinity;
    let max = -Infinity;
    for (const { rating } of entries) {
      min = Math.min(min, rating[dimension]);
      max = Math.max(max, rating[dimension]);
    }
    if (min < max) return [min, max];
    throw badTable(
      manifest.path,
      `has no two different values of ${dimension}: it can't be scaled by its range`,
    );
  };
  const valence = rangeOf('valence');
  const arousal = rangeOf('arousal');
  const scale = (value: number, [min, max]: [number, number]): number => (value - min) / (max - min);
  const scaledEntries = entries.map((entry) => ({
    ...entry,
    rating: { valence: scale(entry.rating.valence, valence), arousal: scale(entry.rating.arousal, arousal) },
  }));
  return { scaledEntries, range: { manifest: manifest.path, kind, count: entries.length, valence, arousal } };
}

function inSplits(entries: readonly Rated[], seed: number, purpose: string) {
  const splits = drawSplits(
    entries.map(({ group }) => group),
    seed,
    `splits of ${purpose}`,
  );
  return entries.map(({ file, rating, startSeconds, endSeconds, id, columns, group }) => ({
    file,
    rating,
    split: splits.get(group)!,
    startSeconds,
    endSeconds,
    id,
    columns,
  }));
}

function refuseSharedIds(pictures: readonly Rated[]): void {
  const seen = new Map<string, Rated>();
  for (const picture of pictures) {
    const other = seen.get(picture.id!);
    if (other !== undefined) {
      throw badTable(
        picture.manifest,
        `line ${picture.line}: the picture's id "${picture.id!}" is that of ${other.manifest}, line ${other.line}, too; give them different ones in a column "id"`,
      );
    }
    seen.set(picture.id!, picture);
  }
}

/** Two songs of one name would be one song to the file of pairs, and to the splits. */
function refuseSharedSongs(clips: readonly Rated[]): void {
  const seen = new Map<string, Rated>();
  for (const clip of clips) {
    const other = seen.get(clip.group);
    if (other !== undefined && other.origin !== clip.origin) {
      throw badTable(
        clip.manifest,
        `line ${clip.line}: the song "${clip.group}" is in ${other.manifest}, line ${other.line}, too; give them different names in a column "song"`,
      );
    }
    if (other === undefined) seen.set(clip.group, clip);
  }
}
