import type { Mood } from '../../model/index.ts';
import { meanSimilarity, planePoints, similarity, type PlanePoints } from '../../plane.ts';
import { galleryFigures, randomGalleries, regressionMetrics, separation, sidesOf } from '../index.ts';
import type { Judged } from './expected-similarity.ts';
import type { OutOfFoldPrediction } from './out-of-fold.ts';
import type { Branch } from './branch.ts';

/** Figures by name, each from out-of-fold predictions. */
export type Figures = Readonly<Record<string, number>>;

/** Predictions for the rated originals of the first set, with their truth. */
export function judged(
  { examples }: Pick<Branch, 'examples'>,
  predictions: readonly OutOfFoldPrediction[],
): Judged[] {
  const first = examples[0]!.set;
  return predictions.flatMap((read) => {
    const { rating, set } = examples[read.example]!;
    return rating !== undefined && set === first ? [{ read, truth: rating }] : [];
  });
}

/** R² of the rated originals of the first set, and areas under the curve of each set with categories. */
export function sideFigures(
  name: string,
  side: Pick<Branch, 'examples'>,
  predictions: readonly OutOfFoldPrediction[],
): Figures {
  const items = judged(side, predictions);
  const r2 = (axis: keyof Mood) =>
    regressionMetrics(
      items.map(({ read }) => read[axis]),
      items.map(({ truth }) => truth[axis]),
      0.5,
    ).r2;
  const figures: Record<string, number> = {
    [`${name}ValenceR2`]: r2('valence'),
    [`${name}ArousalR2`]: r2('arousal'),
  };
  for (const set of new Set(side.examples.map((example) => example.set))) {
    const sorted = predictions.flatMap((mood) => {
      const { set: of, entry, category } = side.examples[mood.example]!;
      return of === set && category !== undefined ? [{ mood, sides: sidesOf(set.manifest.path, entry) }] : [];
    });
    if (sorted.length === 0) continue;
    const { valenceAuc, arousalAuc } = separation(sorted);
    figures[`${set.name}ValenceAuc`] = valenceAuc;
    figures[`${set.name}ArousalAuc`] = arousalAuc;
  }
  return figures;
}

/** Similarities of a fold's pictures with a clip, predicted by the network trained without that fold. */
export interface FoldPairs {
  readonly pictures: readonly (OutOfFoldPrediction & { readonly truth: Mood })[];
  readonly clips: readonly (OutOfFoldPrediction & { readonly truth: Mood })[];
  readonly scores: (clip: OutOfFoldPrediction, out: Float32Array) => void;
}

/** Mean squared error of the predicted similarity over all pairs of each fold, as a part of the constant's. */
export function similarityFigure(folds: readonly FoldPairs[], sigma: number): Figures {
  const truths = (items: readonly { readonly truth: Mood }[]): PlanePoints =>
    planePoints(items.map(({ truth }) => truth));
  const constant = meanSimilarity(
    truths(folds.flatMap(({ pictures }) => pictures)),
    truths(folds.flatMap(({ clips }) => clips)),
    sigma,
  );
  let [error, constantError] = [0, 0];
  for (const { pictures, clips, scores } of folds) {
    const out = new Float32Array(pictures.length);
    for (const clip of clips) {
      scores(clip, out);
      pictures.forEach(({ truth: { valence, arousal } }, i) => {
        const wanted = similarity(
          Math.hypot(valence - clip.truth.valence, arousal - clip.truth.arousal),
          sigma,
        );
        error += (out[i]! - wanted) ** 2;
        constantError += (constant - wanted) ** 2;
      });
    }
  }
  return { similarityMseOfConstants: error / constantError };
}

/** 200 galleries of 40 of the rated pictures, ranked for all rated clips by distance. */
export function galleriesFigure(pictures: readonly Judged[], clips: readonly Judged[]): Figures {
  if (pictures.length < 40) return {};
  const galleries = randomGalleries(pictures.length);
  const { mean, sd, first } = galleryFigures(
    planePoints(pictures.map(({ truth }) => truth)),
    planePoints(clips.map(({ truth }) => truth)),
    galleries,
    (clip) => (gallery, out) => {
      const heard = clips[clip]!.read;
      galleries[gallery]!.forEach((picture, place) => {
        const { valence, arousal } = pictures[picture]!.read;
        out[place] = -Math.hypot(valence - heard.valence, arousal - heard.arousal);
      });
    },
  );
  return { galleriesGap: mean, galleriesGapDeviation: sd, galleriesFirst: first };
}

/** To four places; undefined figures are left out. */
export function rounded(figures: Figures): Figures {
  return Object.fromEntries(
    Object.entries(figures).flatMap(([name, value]) =>
      Number.isFinite(value) ? [[name, Number(value.toFixed(4))]] : [],
    ),
  );
}
