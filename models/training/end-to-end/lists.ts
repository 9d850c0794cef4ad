import type { Notice } from '../../remedy.ts';
import { readPairs } from '../imemnet/index.ts';
import type { SimilarityPair } from '../imemnet/index.ts';
import { entriesOfSplit, readManifest } from '../manifest.ts';
import type { Manifest } from '../manifest.ts';
import type { Medium } from '../moods-manifest.ts';
import type { Split } from '../split.ts';
import type { Scale } from '../scale.ts';

/** A parsed file of pairs. */
export interface PairList {
  readonly path: string;
  readonly pairs: readonly SimilarityPair[];
}

/** The files of a training's data. */
export interface DataSources {
  readonly images: string;
  readonly music: string;
  /** Files of pairs of the train split, for the sampled form of the losses. */
  readonly pairs?: string | undefined;
  readonly scale?: Scale | undefined;
  /** Whether to leave out files that can't be decoded. */
  readonly skipBad: boolean;
}

/** The contents of the lists, before their files are read. */
export interface TrainingLists {
  readonly images: Manifest;
  readonly music: Manifest;
  /** Pairs of the split train. */
  readonly pairs: PairList | undefined;
  /** Pairs for judging, with their split. */
  readonly judgedPairs: (PairList & { readonly split: JudgedSplit }) | undefined;
  readonly splits: readonly Split[];
}

export type JudgedSplit = 'val' | 'test';

/** How to judge the finished weights, besides all pairs of val. */
export interface Judging {
  /** Whether to use the split test as well. */
  readonly withTest: boolean;
  /** A file of pairs for one split; pairs of the other, or of both without a file, are drawn. */
  readonly pairs?: { readonly split: JudgedSplit; readonly path: string } | undefined;
}

/**
 * Reads the manifests and the pairs, each split of which must have rows.
 * @param notice called with one line about rows that are left out
 * @throws SynestheteError of readManifest, entriesOfSplit and readPairs
 */
export async function readLists(
  sources: DataSources,
  judging: Judging | undefined,
  notice: Notice,
): Promise<TrainingLists> {
  const [images, music] = await Promise.all([
    readRated(sources.images, 'image', sources.scale, notice),
    readRated(sources.music, 'music', sources.scale, notice),
  ]);
  const splits: readonly Split[] = [
    'train',
    'val',
    ...(judging?.withTest === true ? (['test'] as const) : []),
  ];
  for (const split of splits) for (const manifest of [images, music]) entriesOfSplit(manifest, split);
  const listIn = async (path: string): Promise<PairList> => ({ path, pairs: await readPairs(path) });
  const pairs = sources.pairs === undefined ? undefined : await listIn(sources.pairs);
  const judged = judging?.pairs;
  const judgedPairs = judged && { ...(await listIn(judged.path)), split: judged.split };
  return { images, music, pairs, judgedPairs, splits };
}

/**
 * The rows of a manifest with both ratings, which the losses and all similarities need.
 * @param notice called with one line about the others
 * @throws SynestheteError those of readManifest
 */
export async function readRated(
  path: string,
  medium: Medium,
  scale: Scale | undefined,
  notice: Notice,
): Promise<Manifest> {
  const manifest = await readManifest(path, { mayLackOne: true, medium, notice, ...(scale && { scale }) });
  const entries = manifest.entries.filter(({ rating }) => rating !== undefined);
  const left = manifest.entries.length - entries.length;
  if (left > 0) {
    notice(
      `${path}: ${left} of ${manifest.entries.length} rows have one of valence and arousal only; training end to end and its tables need both and leave them out`,
      { kind: 'learn-from-one-rating' },
    );
  }
  return { ...manifest, entries };
}
