import type { Mood } from '../serving/index.ts';
import type { Judged } from './expected-similarity.ts';

/** How large the errors of readings are: variance = base + slope · squared distance of the reading from the middle. */
export interface ErrorModel {
  readonly middle: Mood;
  readonly valence: AxisErrors;
  readonly arousal: AxisErrors;
}

interface AxisErrors {
  /** Mean squared error, above 0. */
  readonly mean: number;
  readonly base: number;
  readonly slope: number;
}

/** The variance is kept within these parts of the mean squared error, since few readings lie far out. */
const LEAST_PART = 0.4;
const MOST_PART = 2.5;

/**
 * Fits by least squares how the squared error depends on where the reading lies.
 * @param items whose truth was left out of the training of what read them, at least two
 */
export function fitErrors(items: readonly Judged[]): ErrorModel {
  const mean = (of: (item: Judged) => number) =>
    items.reduce((sum, item) => sum + of(item), 0) / items.length;
  const middle = { valence: mean(({ read }) => read.valence), arousal: mean(({ read }) => read.arousal) };
  const away = ({ read }: Judged) =>
    (read.valence - middle.valence) ** 2 + (read.arousal - middle.arousal) ** 2;
  const meanAway = mean(away);
  const spread = mean((item) => (away(item) - meanAway) ** 2);
  const axis = (name: keyof Mood) => {
    const error = ({ read, truth }: Judged) => (read[name] - truth[name]) ** 2;
    const meanError = mean(error);
    const together = mean((item) => (away(item) - meanAway) * (error(item) - meanError));
    const slope = spread > 0 ? together / spread : 0;
    return { mean: meanError, base: meanError - slope * meanAway, slope };
  };
  return { middle, valence: axis('valence'), arousal: axis('arousal') };
}

/** Part of the items whose error is at most its standard deviation, along each axis; of normal errors it is 0.68. */
export function shareWithin(model: ErrorModel, items: readonly Judged[]): Mood {
  const along = (axis: keyof Mood): number => {
    const within = items.filter(
      ({ read, truth }) => Math.abs(read[axis] - truth[axis]) <= deviationsOf(model, read)[`${axis}Sd`],
    );
    return within.length / items.length;
  };
  return { valence: along('valence'), arousal: along('arousal') };
}

/** Standard deviation of the error of each axis. */
export function deviationsOf(
  model: ErrorModel,
  { valence, arousal }: Mood,
): { readonly valenceSd: number; readonly arousalSd: number } {
  const away = (valence - model.middle.valence) ** 2 + (arousal - model.middle.arousal) ** 2;
  const of = (name: keyof Mood): number => {
    const { mean, base, slope } = model[name];
    return Math.sqrt(Math.min(MOST_PART * mean, Math.max(LEAST_PART * mean, base + slope * away)));
  };
  return { valenceSd: of('valence'), arousalSd: of('arousal') };
}
