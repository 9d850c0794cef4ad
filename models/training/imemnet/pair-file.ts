import { SynestheteError } from '../../errors.ts';
import { readWhole } from '../../read-file.ts';
import { badTable } from '../table.ts';

/** A line of IMEMNet: a clip, a picture, and how similar their emotions are. */
export interface SimilarityPair {
  readonly song: string;
  /** Number of the clip within its song. */
  readonly clip: number;
  readonly picture: string;
  /** docs/method.md (1), on (0, 1]. */
  readonly similarity: number;
}

/**
 * Reads a file of pairs as IMEMNet was released: `1967-11 COCO_train2014_000000318807 0.8757995366765425`, that is
 * song, clip number, picture and similarity. Names of pictures may hold spaces.
 *
 * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE, BAD_TABLE naming file and line.
 */
export async function readPairs(path: string): Promise<SimilarityPair[]> {
  const lines = (await readWhole(path))
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/);
  const pairs: SimilarityPair[] = [];
  lines.forEach((line, index) => {
    if (line.trim() === '') return;
    const [, song, clip, picture, similarity] = /^(\S+)-(\d+)\s+(\S.*?)\s+(\S+)\s*$/.exec(line) ?? [];
    const value = Number(similarity);
    if (song === undefined || picture === undefined || !(value >= 0 && value <= 1)) {
      throw badTable(
        path,
        `line ${index + 1}: "${line.slice(0, 80)}" is no pair; a pair is SONG-CLIP PICTURE SIMILARITY, the similarity on 0..1`,
      );
    }
    pairs.push({ song, clip: Number(clip), picture, similarity: value });
  });
  if (pairs.length === 0) throw badTable(path, 'holds no pairs');
  return pairs;
}

/** The text of a file of pairs, one a line; see `readPairs`. */
export function formatPairs(pairs: readonly SimilarityPair[]): string {
  return pairs
    .map(({ song, clip, picture, similarity }) => `${song}-${clip} ${picture} ${similarity}\n`)
    .join('');
}

export interface SplitOverlap {
  /** Names of the two splits, and the items in both, sorted. */
  readonly splits: readonly [string, string];
  readonly songs: readonly string[];
  readonly pictures: readonly string[];
}

/**
 * Finds items in more than one split. (In the released files of IMEMNet 90 songs of validation are in test as well.)
 *
 * @param splits pairs by the name of their split.
 * @returns only the pairs of splits that share items.
 */
export function findOverlaps(splits: ReadonlyMap<string, readonly SimilarityPair[]>): SplitOverlap[] {
  const contents = [...splits].map(([name, pairs]) => ({
    name,
    songs: new Set(pairs.map(({ song }) => song)),
    pictures: new Set(pairs.map(({ picture }) => picture)),
  }));
  return contents.flatMap((first, index) =>
    contents.slice(index + 1).flatMap((second) => {
      const songs = common(first.songs, second.songs);
      const pictures = common(first.pictures, second.pictures);
      if (songs.length === 0 && pictures.length === 0) return [];
      return [{ splits: [first.name, second.name] as const, songs, pictures }];
    }),
  );
}

function common(a: ReadonlySet<string>, b: ReadonlySet<string>): string[] {
  return [...a].filter((item) => b.has(item)).sort();
}

/** @throws SynestheteError SPLITS_OVERLAP, saying how much and naming one. */
export function assertNoOverlap(overlaps: readonly SplitOverlap[]): void {
  if (overlaps.length === 0) return;
  const found = overlaps.map(({ splits: [a, b], songs, pictures }) => {
    const what = [
      ...(songs.length === 0 ? [] : [`${songs.length} songs (${songs[0]!}…)`]),
      ...(pictures.length === 0 ? [] : [`${pictures.length} pictures (${pictures[0]!}…)`]),
    ];
    return `${a} and ${b} share ${what.join(' and ')}`;
  });
  throw new SynestheteError(
    'SPLITS_OVERLAP',
    `${found.join('; ')}; results on such splits are too good: make new ones with "synesthete dataset imemnet"`,
  );
}
