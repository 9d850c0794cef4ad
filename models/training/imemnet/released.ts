import { CLIP_SECONDS } from '../../features/index.ts';
import { type Manifest } from '../manifest.ts';
import { SPLITS, type Split } from '../split.ts';
import { badTable } from '../table.ts';
import type { Imemnet } from './imemnet.ts';
import type { SimilarityPair } from './pair-file.ts';
import { scaledCorpora, type Rated } from './rated-corpora.ts';

/** The lists of a release, each with the name of its file. */
export type ReleasedLists = Readonly<
  Record<Split, { readonly path: string; readonly pairs: readonly SimilarityPair[] }>
>;

/** A possible time of the lists' first clip number, and how well ratings and lists agree with it. */
interface Alignment {
  readonly startSeconds: number;
  /** Pairs whose picture and clip are known. */
  readonly pairs: number;
  /** Root mean square of the listed similarities minus exp(−d/σ) of the ratings, with the best σ. */
  readonly rms: number;
  readonly sigma: number;
}

export interface Released extends Imemnet {
  /** The smallest number of a clip in the lists. */
  readonly firstNumber: number;
  /** Possible starts of the clips with that number: the first is the chosen one, the others fit less well. */
  readonly alignments: readonly Alignment[];
  /** Pairs that are not in `pairs`, by split. */
  readonly leftOut: Readonly<Record<Split, PairsLeftOut>>;
}

interface PairsLeftOut {
  /** Picture or clip is in no manifest. */
  readonly unknown: number;
  /** Song or picture belongs to another split, whose list has it too. */
  readonly ofOtherSplits: number;
}

/** Most clips between the first labelled one and the lists' first number. */
const SHIFTS = [0, 1, 2];

/**
 * Makes a dataset from IMEMNet's released lists and their corpora. The lists have ids, clip numbers and similarities,
 * but neither ratings nor times of clips. Numbers begin with 9 for every song; the second that this means was not
 * published. So this takes the possible start at which the ratings explain the listed similarities best.
 *
 * A song or picture in several lists (in the release all 90 songs of val are also in test) belongs to the first of
 * train, val and test; pairs across two splits are left out.
 *
 * @param imageManifests rated pictures, a corpus each; ids are those of the lists
 * @param musicManifests rated stretches of songs, a corpus each, with a column `song` as in the lists
 * @throws SynestheteError BAD_TABLE as `scaledCorpora`, and when most pairs of a list have unknown pictures or clips
 */
export function releasedImemnet(
  imageManifests: readonly Manifest[],
  musicManifests: readonly Manifest[],
  lists: ReleasedLists,
): Released {
  const { pictures, cuts, corpora } = scaledCorpora(imageManifests, musicManifests);
  const all = SPLITS.flatMap((split) => lists[split].pairs);
  const firstNumber = all.reduce((least, { clip }) => Math.min(least, clip), Infinity);
  const firstStart = cuts.reduce((least, { startSeconds }) => Math.min(least, startSeconds!), Infinity);
  const byId = new Map(pictures.map((picture) => [picture.id!, picture]));
  const candidates = SHIFTS.map((shift) => {
    const startSeconds = firstStart + shift * CLIP_SECONDS;
    const clips = numbered(cuts, firstNumber, startSeconds);
    return { clips, alignment: { startSeconds, ...agreement(all, byId, clips) } };
  });
  candidates.sort((a, b) => a.alignment.rms - b.alignment.rms);
  const { clips, alignment } = candidates[0]!;

  const splitOfPicture = firstSplits(lists, ({ picture }) => picture);
  const splitOfSong = firstSplits(lists, ({ song }) => song);
  const sorted = SPLITS.map((split) => {
    const known = lists[split].pairs.filter((pair) => byId.has(pair.picture) && clips.has(clipId(pair)));
    const unknown = lists[split].pairs.length - known.length;
    if (unknown > lists[split].pairs.length / 2) refuseUnknown(lists[split], byId, clips, unknown);
    const own = known.filter(
      ({ picture, song }) => splitOfPicture.get(picture) === split && splitOfSong.get(song) === split,
    );
    return { split, own, left: { unknown, ofOtherSplits: known.length - own.length } };
  });
  return {
    images: pictures.flatMap((picture) => inSplit(picture, splitOfPicture.get(picture.id!))),
    clips: [...clips.values()].flatMap((clip) => inSplit(clip, splitOfSong.get(clip.columns['song']!))),
    pairs: bySplit(sorted.map(({ split, own }) => [split, own])),
    sigma: alignment.sigma,
    corpora,
    firstNumber,
    alignments: candidates.map((candidate) => candidate.alignment),
    leftOut: bySplit(sorted.map(({ split, left }) => [split, left])),
  };
}

function bySplit<T>(entries: readonly (readonly [Split, T])[]): Record<Split, T> {
  return Object.fromEntries(entries) as Record<Split, T>;
}

function clipId({ song, clip }: Pick<SimilarityPair, 'song' | 'clip'>): string {
  return `${song}-${clip}`;
}

/** Clips by their ids, with the lists' numbers for their places in the songs. */
function numbered(
  cuts: readonly Rated[],
  firstNumber: number,
  startSeconds: number,
): ReadonlyMap<string, Rated> {
  return new Map(
    cuts.flatMap((cut) => {
      const places = (cut.startSeconds! - startSeconds) / CLIP_SECONDS;
      const place = Math.round(places);
      // A clip between two of the lists' places has no number.
      if (place < 0 || Math.abs(places - place) > 0.05) return [];
      const song = cut.columns['song']!;
      const id = clipId({ song, clip: firstNumber + place });
      return [[id, { ...cut, id, columns: { ...cut.columns, clip: String(firstNumber + place) } }]];
    }),
  );
}

/** The fit of (1) to listed similarities: −ln s = d / σ, σ by least squares. */
function agreement(
  pairs: readonly SimilarityPair[],
  pictures: ReadonlyMap<string, Rated>,
  clips: ReadonlyMap<string, Rated>,
): Omit<Alignment, 'startSeconds'> {
  const known = pairs.flatMap(({ picture, similarity, ...pair }) => {
    const [a, b] = [pictures.get(picture)?.rating, clips.get(clipId(pair))?.rating];
    if (!a || !b || similarity <= 0) return [];
    return [{ similarity, distance: Math.hypot(a.valence - b.valence, a.arousal - b.arousal) }];
  });
  let [squares, products] = [0, 0];
  for (const { similarity, distance } of known) {
    squares += distance ** 2;
    products -= distance * Math.log(similarity);
  }
  const sigma = squares / products;
  const errors = known.reduce(
    (sum, { similarity, distance }) => sum + (similarity - Math.exp(-distance / sigma)) ** 2,
    0,
  );
  const rms = known.length === 0 ? Infinity : Math.sqrt(errors / known.length);
  return { pairs: known.length, rms, sigma };
}

/** The first split whose list has a song or picture. */
function firstSplits(
  lists: ReleasedLists,
  nameOf: (pair: SimilarityPair) => string,
): ReadonlyMap<string, Split> {
  const splits = new Map<string, Split>();
  for (const split of SPLITS) {
    for (const pair of lists[split].pairs) {
      const name = nameOf(pair);
      if (!splits.has(name)) splits.set(name, split);
    }
  }
  return splits;
}

function inSplit(entry: Rated, split: Split | undefined) {
  if (split === undefined) return [];
  const { file, rating, startSeconds, endSeconds, id, columns } = entry;
  return [{ file, rating, split, startSeconds, endSeconds, id, columns }];
}

function refuseUnknown(
  { path, pairs }: ReleasedLists[Split],
  pictures: ReadonlyMap<string, Rated>,
  clips: ReadonlyMap<string, Rated>,
  unknown: number,
): never {
  const first = pairs.find((pair) => !pictures.has(pair.picture) || !clips.has(clipId(pair)))!;
  const what = pictures.has(first.picture) ? `clip ${clipId(first)}` : `picture ${first.picture}`;
  throw badTable(
    path,
    `has ${unknown} of ${pairs.length} pairs, such as ${what}, that are in no manifest: name those of IAPS, NAPS and EMOTIC, and of DEAM's clips, which "synesthete dataset" makes`,
  );
}
