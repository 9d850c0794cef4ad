import { distancesFrom, type PlanePoints } from '../plane.ts';
import { Random } from '../random.ts';

/*
 * The quality of a ranking in small galleries, like those that people have, where a show uses all pictures. A ranking over
 * hundreds of pictures can look good while a handful of them win in every small gallery.
 */

/** Pictures in a gallery, and how many galleries are drawn. */
export const GALLERY_PICTURES = 40;
const GALLERIES = 200;

/** A fixed seed, so that models are compared on the same galleries. */
const SEED = 1;

/** Figures of one ranking over many random galleries. */
export interface GalleryFigures {
  /**
   * Mean over the galleries of the part of the gap that the picture ranked first closes: (random − top 1) / (random −
   * best), each a mean true distance over all clips; 1 for the best ranking, 0 for chance.
   */
  readonly mean: number;
  /** Standard deviation of the same over the galleries (by n − 1). */
  readonly sd: number;
  /** Mean number of a gallery's pictures that are ranked first for any clip. */
  readonly first: number;
}

/**
 * Draws GALLERIES galleries of GALLERY_PICTURES pictures, each without repetition.
 * @param count pictures to draw from, at least GALLERY_PICTURES.
 * @returns for each gallery the indices of its pictures, ascending.
 */
export function randomGalleries(count: number): Int32Array[] {
  const random = Random.seeded(SEED, 'galleries');
  const pictures = Array.from({ length: count }, (_, index) => index);
  return Array.from({ length: GALLERIES }, () => {
    // The first steps of a Fisher-Yates shuffle, which works from any order.
    for (let place = 0; place < GALLERY_PICTURES; place++) {
      const other = place + random.below(count - place);
      [pictures[place], pictures[other]] = [pictures[other]!, pictures[place]!];
    }
    return Int32Array.from(pictures.slice(0, GALLERY_PICTURES)).sort();
  });
}

/**
 * Ranks the pictures of galleries for one clip.
 * @returns a function that fills `out` with the scores of a gallery's pictures for that clip; the highest is first.
 */
export type GalleryRanking = (clip: number) => (gallery: number, out: Float64Array) => void;

/**
 * @param images true labels of the pictures.
 * @param clips true labels of the clips, at least one.
 * @param galleries indices into the pictures, all galleries of one size.
 * @param rank called once for each clip, in order; of equal scores the first in the gallery leads, NaN ranks last.
 */
export function galleryFigures(
  images: PlanePoints,
  clips: PlanePoints,
  galleries: readonly Int32Array[],
  rank: GalleryRanking,
): GalleryFigures {
  const size = galleries[0]!.length;
  const m = clips.valence.length;
  const distances = new Float64Array(images.valence.length);
  const scores = new Float64Array(size);
  const isFirst = galleries.map(() => new Uint8Array(size));
  const sums = galleries.map(() => ({ first: 0, random: 0, best: 0 }));
  for (let clip = 0; clip < m; clip++) {
    distancesFrom(clips, clip, images, distances);
    const score = rank(clip);
    for (let index = 0; index < galleries.length; index++) {
      const gallery = galleries[index]!;
      score(index, scores);
      let first = 0;
      let highest = -Infinity;
      let nearest = Infinity;
      let total = 0;
      for (let place = 0; place < size; place++) {
        const distance = distances[gallery[place]!]!;
        total += distance;
        if (distance < nearest) nearest = distance;
        // Comparisons with NaN are false.
        if (scores[place]! > highest) {
          highest = scores[place]!;
          first = place;
        }
      }
      const sum = sums[index]!;
      sum.random += total / size;
      sum.best += nearest;
      sum.first += distances[gallery[first]!]!;
      isFirst[index]![first] = 1;
    }
  }
  const gaps = sums.map(({ first, random, best }) => (random - first) / (random - best));
  const mean = meanOf(gaps);
  const squares = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0);
  return {
    mean,
    sd: Math.sqrt(squares / (gaps.length - 1)),
    first: meanOf(isFirst.map((flags) => flags.reduce((sum, flag) => sum + flag, 0))),
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
