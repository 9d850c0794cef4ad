import type { Mood } from '../../model/index.ts';

/** The size of prediction errors: variance = base + slope · squared distance of the prediction from the middle. */
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

/** Limits of the variance, as parts of the mean squared error, because few predictions lie far out. */
const LEAST_PART = 0.4;
const MOST_PART = 2.5;

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
