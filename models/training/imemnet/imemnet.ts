import { meanDistance, planePoints, similarity } from '../../plane.ts';
import { Random } from '../../random.ts';
import { type Manifest, type ManifestEntry } from '../manifest.ts';
import { SPLITS, type Split } from '../split.ts';
import type { SimilarityPair } from './pair-file.ts';
import { scaledCorpora, type CorpusRange, type Rated } from './rated-corpora.ts';
import { IMEMNET_PAIRS, samplePairs, type PairCounts } from './sample-pairs.ts';
import { drawSplits } from './splits.ts';

export interface ImemnetOptions {
  /** Determines everything random; any integer. */
  readonly seed: number;
  /** Pictures with the same value in this column go into the same split; by default each picture is independent. */
  readonly keepTogether?: string;
  readonly pairs?: PairCounts;
}

export interface Imemnet {
  /** One a picture, with its split, its `id`, and its ratings scaled over its corpus. */
  readonly images: readonly ManifestEntry[];
  /** One a clip of 2 s, likewise; the column `song` names the song, `clip` counts from 0 within it. */
  readonly clips: readonly ManifestEntry[];
  readonly pairs: Readonly<Record<Split, readonly SimilarityPair[]>>;
  /** σ of docs/method.md (1): the mean distance over all pictures × all clips. */
  readonly sigma: number;
  readonly corpora: readonly CorpusRange[];
}

/**
 * Builds a dataset as IMEMNet was built: each corpus (manifest) is scaled to [0, 1] by its own minimum and range;
 * pictures and songs are split 80/5/15, each whole; stretches of songs are cut into consecutive clips of 2 s; pairs are
 * drawn within each split (`samplePairs`); their similarity is docs/method.md (1) with σ of all pictures and clips.
 * Clip numbers count the labelled clips of 2 s from 0; the first number in the released files is unknown.
 *
 * @param imageManifests rated pictures, a corpus each.
 * @param musicManifests rated stretches of songs, with `start` and `end`, a corpus each. A song is the column `song`,
 *   or the file without one.
 * @throws SynestheteError BAD_TABLE for ids that two pictures or songs share, a stretch without its times, a corpus
 * whose ratings are all the same.
 */
export function buildImemnet(
  imageManifests: readonly Manifest[],
  musicManifests: readonly Manifest[],
  options: ImemnetOptions,
): Imemnet {
  const { seed, keepTogether } = options;
  const { pictures, cuts, corpora } = scaledCorpora(imageManifests, musicManifests, keepTogether);

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
