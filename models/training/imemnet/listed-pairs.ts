import { parse } from 'node:path';
import type { ManifestEntry } from '../manifest.ts';
import { badTable } from '../table.ts';
import type { SimilarityPair } from './pair-file.ts';

/** What a file of pairs calls a picture: its `id`, or the name of its file without the extension. */
export function pictureId({ id, file }: Pick<ManifestEntry, 'id' | 'file'>): string {
  return id ?? parse(file).name;
}

/**
 * What a file of pairs calls a clip: its `id`, or the name of its file with the number of the clip.
 * @param index of the consecutive clip within its row of the manifest, from 0
 */
export function clipId({ id, file }: Pick<ManifestEntry, 'id' | 'file'>, index: number): string {
  return id ?? `${parse(file).name}-${index}`;
}

/** A pair by its places in lists of pictures and of clips, and its similarity, docs/method.md (1). */
export interface IndexedPair {
  readonly picture: number;
  readonly clip: number;
  readonly similarity: number;
}

/** The pictures and clips that pairs may be of. */
export interface PairedItems {
  /** Their ids, in order. */
  readonly pictures: readonly string[];
  readonly clips: readonly string[];
  /** Where they are from, as errors call it: `the split train of the manifests`. */
  readonly of: string;
}

/**
 * Of the pairs that a file lists, those whose picture and clip are there.
 * @param path of the file, for what is told
 * @param notice told in one line how many are not there
 * @throws SynestheteError BAD_TABLE where those are more than half
 */
export function indexPairs(
  path: string,
  listed: readonly SimilarityPair[],
  items: PairedItems,
  notice: (line: string) => void,
): IndexedPair[] {
  const pictures = new Map(items.pictures.map((id, index) => [id, index]));
  const clips = new Map(items.clips.map((id, index) => [id, index]));
  const unknown: string[] = [];
  const pairs = listed.flatMap(({ song, clip, picture, similarity }) => {
    const found = { picture: pictures.get(picture), clip: clips.get(`${song}-${clip}`) };
    if (found.clip === undefined) unknown.push(`clip ${song}-${clip}`);
    else if (found.picture === undefined) unknown.push(`picture ${picture}`);
    if (found.picture === undefined || found.clip === undefined) return [];
    return [{ picture: found.picture, clip: found.clip, similarity }];
  });
  if (unknown.length === 0) return pairs;
  const those = `${unknown.length} of ${listed.length} pairs, as of ${unknown[0]!}`;
  if (unknown.length > listed.length / 2) {
    throw badTable(
      path,
      `has ${those}, of which ${items.of} knows nothing; their ids must be those of the pairs ("synesthete dataset imemnet --released" makes such manifests for IMEMNet's own lists)`,
    );
  }
  notice(`left out: ${those}, which ${path} has and ${items.of} has not`);
  return pairs;
}
