import type { Notice } from '../../remedy.ts';
import { parse } from 'node:path';
import type { ManifestEntry } from '../manifest.ts';
import { badTable } from '../table.ts';
import type { SimilarityPair } from './pair-file.ts';

/** The name of a picture in a file of pairs: its `id`, or its file name without the extension. */
export function pictureId({ id, file }: Pick<ManifestEntry, 'id' | 'file'>): string {
  return id ?? parse(file).name;
}

/**
 * The name of a clip in a file of pairs: its `id`, or its file name with the number of the clip.
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

/** The pictures and clips that pairs may contain. */
export interface PairedItems {
  /** Their ids, in order. */
  readonly pictures: readonly string[];
  readonly clips: readonly string[];
  /** Their origin, for errors: `the split train of the manifests`. */
  readonly of: string;
}

/**
 * The listed pairs whose picture and clip exist.
 * @param path of the file, for messages
 * @param notice called with one line that gives the number of missing ones
 * @throws SynestheteError BAD_TABLE when more than half are missing
 */
export function indexPairs(
  path: string,
  listed: readonly SimilarityPair[],
  items: PairedItems,
  notice: Notice,
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
  const those = `${unknown.length} of ${listed.length} pairs, such as ${unknown[0]!}`;
  if (unknown.length > listed.length / 2) {
    throw badTable(
      path,
      `has ${those}, which are missing from ${items.of}; its ids must be those of the pairs`,
      { kind: 'released-manifests' },
    );
  }
  notice(`left out: ${those}, which ${path} lists and ${items.of} lacks`);
  return pairs;
}
