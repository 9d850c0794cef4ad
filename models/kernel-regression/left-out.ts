import {
  meanSimilarity,
  planePoints,
  Random,
  regressionMetrics,
  retrievalMetrics,
  similarityMetrics,
} from '../learning/index.ts';
import { PLANE_RANKING, pictureVectors } from '../serving/index.ts';
import type { Mood } from '../serving/index.ts';
import { errorVariance, expectedSimilarity, fitSimilarity } from './expected-similarity.ts';
import type { Judged } from './expected-similarity.ts';

/** A mean over seeds, and the standard deviation between them. */
export interface Figure {
  readonly mean: number;
  readonly deviation: number;
}

export function figureOf(values: readonly number[]): Figure {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const rounded = (value: number) => Number(value.toFixed(4));
  return { mean: rounded(mean), deviation: rounded(Math.sqrt(variance)) };
}

/**
 * Puts groups into folds at random, each fold about as many groups, for each kind by itself.
 *
 * @param items group and kind of each.
 * @returns the fold of each.
 */
export function groupFolds(
  items: readonly { readonly group: string; readonly kind: string }[],
  folds: number,
  seed: number,
): Int32Array {
  const foldOf = new Map<string, number>();
  for (const kind of new Set(items.map((item) => item.kind))) {
    const groups = [...new Set(items.filter((item) => item.kind === kind).map(({ group }) => group))].sort();
    Random.seeded(seed, `folds of ${kind}`)
      .shuffle(groups)
      .forEach((group, i) => foldOf.set(`${kind}\n${group}`, i % folds));
  }
  return Int32Array.from(items, ({ group, kind }) => foldOf.get(`${kind}\n${group}`)!);
}

/** A reading whose truth was left out of the training. */
export interface LeftOut extends Judged {
  readonly group: string;
}

export interface SideR2 {
  readonly valence: number;
  readonly arousal: number;
}

/** Standard deviations of the errors of valence and of arousal. */
export function deviationsOf(items: readonly Judged[]): Mood {
  const { valence, arousal } = errorVariance(items);
  return { valence: Math.sqrt(valence), arousal: Math.sqrt(arousal) };
}

/** R² of valence and of arousal. */
export function r2Of(items: readonly Judged[]): SideR2 {
  const axis = (name: 'valence' | 'arousal') =>
    regressionMetrics(
      items.map(({ read }) => read[name]),
      items.map(({ truth }) => truth[name]),
      0.5,
    ).r2;
  return { valence: axis('valence'), arousal: axis('arousal') };
}

export interface PairFigures {
  /** Mean squared error of the similarity, as a part of the constant's. */
  readonly similarity: number;
  /** gapClosed of DESIGN's contract. */
  readonly gapClosed: number;
}

/** As large a part of the groups as the paper's test split is. */
const TEST_SHARE = 0.15;
const DRAWS = 20;

/**
 * Figures of pairs. Similarity: fitted to the pairs of one half of the pictures' and of the clips' groups, and measured
 * on those of the other halves. gapClosed: the mean over random test splits.
 *
 * @returns NaN where there are too few groups to be halved.
 */
export function pairFigures(
  pictures: readonly LeftOut[],
  clips: readonly LeftOut[],
  options: { readonly sigma: number; readonly varianceFactor: number; readonly seed: number },
): PairFigures {
  const halves = (items: readonly LeftOut[], kind: string) =>
    groupFolds(
      items.map(({ group }) => ({ group, kind })),
      2,
      options.seed,
    );
  const halfOfPicture = halves(pictures, 'pictures');
  const halfOfClip = halves(clips, 'clips');
  let error = 0;
  let constantError = 0;
  for (const [p, c] of [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ] as const) {
    const part = (items: readonly LeftOut[], half: Int32Array, wanted: number) =>
      items.filter((_, i) => half[i] === wanted);
    const fit = fitSimilarity(part(pictures, halfOfPicture, 1 - p), part(clips, halfOfClip, 1 - c), options);
    const tested = { pictures: part(pictures, halfOfPicture, p), clips: part(clips, halfOfClip, c) };
    const images = planePoints(tested.pictures.map(({ truth }) => truth));
    const sounds = planePoints(tested.clips.map(({ truth }) => truth));
    const constant = meanSimilarity(images, sounds, options.sigma);
    const { mse, constantMse } = similarityMetrics(images, sounds, options.sigma, constant, (clip, out) => {
      tested.pictures.forEach(({ read }, i) => {
        out[i] = expectedSimilarity(fit, read, tested.clips[clip]!.read);
      });
    });
    error += mse;
    constantError += constantMse;
  }
  return {
    similarity: error / constantError,
    gapClosed: meanGapClosed(pictures, clips, options.seed),
  };
}

function meanGapClosed(pictures: readonly LeftOut[], clips: readonly LeftOut[], seed: number): number {
  const reading = (items: readonly LeftOut[]) => {
    const sd = deviationsOf(items);
    return ({ read }: LeftOut) => ({
      ...read,
      valenceSd: sd.valence,
      arousalSd: sd.arousal,
      embedding: new Float32Array(0),
    });
  };
  const [seen, heardAs] = [reading(pictures), reading(clips)];
  let sum = 0;
  for (let draw = 0; draw < DRAWS; draw++) {
    const random = Random.seeded(seed, `draw ${draw}`);
    const drawn = (items: readonly LeftOut[]) => {
      const groups = random.shuffle([...new Set(items.map(({ group }) => group))].sort());
      const kept = new Set(groups.slice(0, Math.max(1, Math.round(groups.length * TEST_SHARE))));
      return items.filter(({ group }) => kept.has(group));
    };
    const [shown, heard] = [drawn(pictures), drawn(clips)];
    const vectors = pictureVectors(shown, PLANE_RANKING.width, (item) =>
      PLANE_RANKING.pictureVector(seen(item)),
    );
    const scores = new Float32Array(shown.length);
    const { gapClosed } = retrievalMetrics(
      planePoints(shown.map(({ truth }) => truth)),
      planePoints(heard.map(({ truth }) => truth)),
      (clip, out) => {
        out.set(PLANE_RANKING.scores(vectors, PLANE_RANKING.queryVector(heardAs(heard[clip]!)), scores));
      },
    );
    sum += gapClosed;
  }
  return sum / DRAWS;
}
