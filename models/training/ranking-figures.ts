import { pictureVectors, type Model, type Mood, type Prediction } from '../model/index.ts';
import { planePoints, type PlanePoints } from '../plane.ts';
import { rank, spreadOf, stretched, type MoodSpread } from '../ranking/index.ts';
import {
  GALLERY_PICTURES,
  galleryFigures,
  randomGalleries,
  type GalleryFigures,
  type GalleryRanking,
} from './galleries.ts';
import type { LabelledPrediction } from './labelled.ts';
import { retrievalMetrics, type RetrievalMetrics } from './metrics.ts';

type Ranking = Model['ranking'];

/**
 * Which pictures are ranked first, and how often: a ranking that shows the same few pictures for everything is poor.
 */
export interface FirstCounts {
  /** Different pictures that are first for any clip. */
  readonly distinct: number;
  /** The part of the clips for which the most frequent one is first, in (0, 1]. */
  readonly largestShare: number;
  /** The MOST_FREQUENT most frequent ones with their number of clips, in descending order. */
  readonly most: readonly { readonly picture: string; readonly clips: number }[];
}

const MOST_FREQUENT = 10;

/** The same galleries under three rankings. */
export interface GalleryRankings {
  /** By the distance of the predicted moods. */
  readonly plain: GalleryFigures;
  /** The same, with the predicted moods of all clips stretched over those of the gallery. */
  readonly relative: GalleryFigures;
  /** As a show ranks. */
  readonly own: GalleryFigures;
}

/**
 * The target of a show for a clip, in a night and a gallery of these moods: the prediction to rank by, and the offset
 * (both for `rank`).
 */
export type TargetOf = (
  clip: Prediction,
  night: MoodSpread,
  gallery: MoodSpread,
) => { readonly prediction: Prediction; readonly offset: Mood };

/** Called for each clip, in order, with the picture ranked first; both by their places. */
export type OnFirst = (clip: number, image: number) => void;

/** The largest place that figures need. */
const MOST_PLACES = 12;

interface Truth {
  readonly images: PlanePoints;
  readonly clips: PlanePoints;
}

/**
 * Figures of a ranking: over all pictures, and over random galleries of a usual size. The night consists of all clips.
 * @param images at least one. @param clips at least one.
 * @param truth their labels, in the same order.
 */
export function rankingFigures(
  own: { readonly ranking: Ranking; readonly targetOf: TargetOf },
  images: readonly LabelledPrediction[],
  clips: readonly LabelledPrediction[],
  truth: Truth,
  onFirst?: OnFirst,
): {
  readonly retrieval: RetrievalMetrics;
  readonly firstCounts: FirstCounts;
  readonly galleries: GalleryRankings | null;
} {
  const times = new Uint32Array(images.length);
  const product = new ProductRanking(own, images, clips);
  const all = product.of([Int32Array.from(images, (_, index) => index)], MOST_PLACES);
  const retrieval = retrievalMetrics(
    truth.images,
    truth.clips,
    (clip, out) => {
      all(clip)(0, out);
    },
    (clip, image) => {
      times[image]! += 1;
      onFirst?.(clip, image);
    },
  );
  const galleries = images.length < GALLERY_PICTURES ? [] : randomGalleries(images.length);
  const figures = (ranked: GalleryRanking) => galleryFigures(truth.images, truth.clips, galleries, ranked);
  return {
    retrieval,
    firstCounts: firstCounts(times, images, clips.length),
    galleries:
      galleries.length === 0
        ? null
        : {
            plain: figures(nearestMoods(images, clips, galleries, 0)),
            relative: figures(nearestMoods(images, clips, galleries, 1)),
            own: figures(product.of(galleries, 1)),
          },
  };
}

function firstCounts(
  times: Uint32Array,
  images: readonly LabelledPrediction[],
  clipCount: number,
): FirstCounts {
  const firsts = Array.from(times, (clips, image) => ({ picture: images[image]!.name, clips }))
    .filter(({ clips }) => clips > 0)
    .sort((a, b) => b.clips - a.clips);
  return {
    distinct: firsts.length,
    largestShare: firsts[0]!.clips / clipCount,
    most: firsts.slice(0, MOST_FREQUENT),
  };
}

/** @param fit of `stretched`: 0 compares the predicted moods unchanged. The night consists of all clips. */
function nearestMoods(
  images: readonly LabelledPrediction[],
  clips: readonly LabelledPrediction[],
  galleries: readonly Int32Array[],
  fit: number,
): GalleryRanking {
  const moods = planePoints(images.map(({ prediction }) => prediction));
  const spreads = galleries.map((gallery) =>
    spreadOf(Array.from(gallery, (image) => images[image]!.prediction)),
  );
  const night = spreadOf(clips.map(({ prediction }) => prediction));
  return (clip) => (index, out) => {
    const { valence, arousal } = stretched(clips[clip]!.prediction, night, spreads[index]!, fit);
    const gallery = galleries[index]!;
    for (let place = 0; place < out.length; place++) {
      const dv = moods.valence[gallery[place]!]! - valence;
      const da = moods.arousal[gallery[place]!]! - arousal;
      out[place] = -(dv * dv + da * da);
    }
  };
}

function spreadsOf(galleries: readonly Int32Array[], images: readonly LabelledPrediction[]): MoodSpread[] {
  return galleries.map((gallery) => spreadOf(Array.from(gallery, (image) => images[image]!.prediction)));
}

/** Pictures as a show ranks them: by `rank`, with the show's target for a clip. */
class ProductRanking {
  readonly #ranking: Ranking;
  readonly #targetOf: TargetOf;
  readonly #images: readonly LabelledPrediction[];
  readonly #clips: readonly LabelledPrediction[];
  readonly #vectors: Float32Array;
  readonly #night: MoodSpread;

  constructor(
    { ranking, targetOf }: { readonly ranking: Ranking; readonly targetOf: TargetOf },
    images: readonly LabelledPrediction[],
    clips: readonly LabelledPrediction[],
  ) {
    this.#ranking = ranking;
    this.#targetOf = targetOf;
    this.#images = images;
    this.#clips = clips;
    this.#vectors = pictureVectors(images, ranking.width, ({ prediction }) =>
      ranking.pictureVector(prediction),
    );
    this.#night = spreadOf(clips.map(({ prediction }) => prediction));
  }

  /** @param places number of best pictures with a score; all others get −∞. */
  of(galleries: readonly Int32Array[], places: number): GalleryRanking {
    const spreads = spreadsOf(galleries, this.#images);
    const prepared = galleries.map((gallery) => this.#prepared(gallery));
    return (clip) => {
      const { prediction } = this.#clips[clip]!;
      const ranking = this.#rankingFor(prediction);
      return (index, out) => {
        const target = this.#targetOf(prediction, this.#night, spreads[index]!);
        const pictures = prepared[index]!;
        out.fill(-Infinity);
        const request = { ...target, allowed: pictures.allowed, count: places, alsoIndices: [] };
        for (const { index: place, score } of rank(ranking, pictures, request).best) out[place] = score;
      };
    };
  }

  /**
   * Scores of embeddings and of a learnt predictor depend on the pair alone, not on the gallery, and are costly: they
   * are computed once for all pictures, with indices in place of vectors.
   */
  #rankingFor(clip: Prediction): Ranking {
    if (this.#ranking.score === 'plane') return this.#ranking;
    const all = this.#ranking.scores(this.#vectors, this.#ranking.queryVector(clip));
    return {
      ...this.#ranking,
      width: 1,
      queryVector: () => all,
      scores: (indices) => Float32Array.from(indices, (image) => all[image]!),
    };
  }

  #prepared(gallery: Int32Array) {
    const moods = Float32Array.from(
      Array.from(gallery, (image) => this.#images[image]!.prediction).flatMap(({ valence, arousal }) => [
        valence,
        arousal,
      ]),
    );
    const { score, width } = this.#ranking;
    const vectors =
      score === 'plane'
        ? pictureVectors(Array.from(gallery), width, (image) =>
            this.#vectors.subarray(image * width, (image + 1) * width),
          )
        : Float32Array.from(gallery);
    return { count: gallery.length, vectors, moods, allowed: new Uint8Array(gallery.length).fill(1) };
  }
}
