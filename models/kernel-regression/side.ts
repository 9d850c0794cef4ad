import type { Engine } from '../engine/engine.ts';
import type { Mood } from '../serving/index.ts';
import { floatToHalf, halfToFloat } from '../weights/index.ts';
import { coordinatesOf, fitFeatureMap, kernelMatrix } from './feature-map.ts';
import type { Block, FeatureMap } from './feature-map.ts';
import { KernelRidge } from './ridge.ts';
import type { CategorySettings } from './settings.ts';

/** A picture or clip to learn from. */
export interface Example {
  readonly statistics: Float32Array;
  /** Its label: the rating, or a category's name. */
  readonly label: Mood | string;
  /** Whether it is an original, of which the map is learnt; if not, it is a variant of one (degraded, overlapping). */
  readonly isOriginal: boolean;
  /** What it weighs for its kind, originals 1. */
  readonly weight: number;
  /** What belongs together, so that it must not be torn apart by folds: a theme, a song. */
  readonly group: string;
}

export interface SideOptions {
  readonly blocks: readonly Block[];
  readonly limit: number;
  readonly components: number;
  readonly gamma: number;
  readonly ridge: number;
  readonly categories: CategorySettings;
}

/** One side of the model, pictures or music: a map of statistics and a regression on it. */
export interface Side {
  readonly map: FeatureMap;
  readonly gamma: number;
  /** Mean of the ratings of the originals, which predictions are deviations from. */
  readonly mean: Mood;
  /** Row-major [rows, components], rounded to half precision. */
  readonly rows: Float32Array;
  /** [rows] */
  readonly rest: Float32Array;
  /** Row-major [rows, 2]: of valence and of arousal. */
  readonly coefficients: Float32Array;
}

type Axis = keyof Mood;

/** Readings of all examples as if each had not been trained on with its fold, before they are limited to [0, 1]. */
type LeaveOut = (folds: Int32Array) => Mood[];

export interface TrainedSide {
  readonly side: Side;
  readonly leaveOut: LeaveOut;
}

/** @throws RangeError when no example is rated; SynestheteError ENGINE_FAILED. */
export async function trainSide(
  engine: Engine,
  examples: readonly Example[],
  options: SideOptions,
): Promise<TrainedSide> {
  const originals = examples.filter(({ isOriginal }) => isOriginal);
  const mean = meanRating(originals);
  const map = await fitFeatureMap(
    engine,
    originals.map(({ statistics }) => statistics),
    options,
  );
  const exact = await coordinatesOf(
    engine,
    map,
    examples.map(({ statistics }) => statistics),
  );
  // What is stored is what is trained with.
  const rows = halfToFloat(floatToHalf(Float32Array.from(exact.values)));
  const rest = Float32Array.from(exact.rest);
  const stored = { ...exact, values: Float64Array.from(rows), rest: Float64Array.from(rest) };

  const targetsOf = (axis: Axis) =>
    Float64Array.from(examples, ({ label }) => pointOf(label, options.categories, mean)[axis] - mean[axis]);
  const weights = Float64Array.from(
    examples,
    ({ label, weight }) => weight * (typeof label === 'string' ? options.categories.weight : 1),
  );
  const ridge = new KernelRidge(kernelMatrix(stored, options.gamma), weights, options.ridge);
  const targets = { valence: targetsOf('valence'), arousal: targetsOf('arousal') };
  const v = ridge.coefficients(targets.valence);
  const a = ridge.coefficients(targets.arousal);
  const coefficients = new Float32Array(2 * examples.length);
  for (let i = 0; i < examples.length; i++) {
    coefficients[2 * i] = v[i]!;
    coefficients[2 * i + 1] = a[i]!;
  }
  return {
    side: { map, gamma: options.gamma, mean, rows, rest, coefficients },
    leaveOut: (folds) => {
      const pleasant = ridge.leftOut(targets.valence, folds);
      const excited = ridge.leftOut(targets.arousal, folds);
      return examples.map((_, i) => ({
        valence: mean.valence + pleasant[i]!,
        arousal: mean.arousal + excited[i]!,
      }));
    },
  };
}

function meanRating(examples: readonly Example[]): Mood {
  const rated = examples.flatMap(({ label }) => (typeof label === 'string' ? [] : [label]));
  if (rated.length === 0) throw new RangeError('a regression needs ratings');
  const mean = (axis: 'valence' | 'arousal') =>
    rated.reduce((sum, label) => sum + label[axis], 0) / rated.length;
  return { valence: mean('valence'), arousal: mean('arousal') };
}

/** Where a label lies on the plane: a category's part of the way from the mean to its centre. */
function pointOf(label: Mood | string, { centres, trust }: CategorySettings, mean: Mood): Mood {
  if (typeof label !== 'string') return label;
  const centre = centres[label];
  if (centre === undefined) throw new RangeError(`no centre is known for "${label}"`);
  return {
    valence: mean.valence + trust.valence * (centre.valence - mean.valence),
    arousal: mean.arousal + trust.arousal * (centre.arousal - mean.arousal),
  };
}
