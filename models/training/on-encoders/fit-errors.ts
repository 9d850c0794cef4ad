import { deviationsOf, WITHIN, type ErrorModel } from '../../families/on-encoders/index.ts';
import type { Mood } from '../../model/index.ts';
import type { Judged } from './expected-similarity.ts';

/**
 * Fits, by least squares, the squared error as a function of the prediction's place.
 * @param items with out-of-fold predictions, at least two
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

/** Part of the rated originals of the first set whose error is at most its standard deviation. */
export function withinFigures(
  kind: 'image' | 'music',
  errors: ErrorModel,
  items: readonly Judged[],
): Readonly<Record<string, number>> {
  const { valence, arousal } = shareWithin(errors, items);
  return { [WITHIN[kind].valence]: valence, [WITHIN[kind].arousal]: arousal };
}
