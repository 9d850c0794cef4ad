import type { Prediction } from '../model/index.ts';
import type { PlanePoint } from '../plane.ts';

/** Deviations at which shares are reported: 0.1 to 3 in steps of 0.1. */
export const DEVIATIONS: readonly number[] = Array.from({ length: 30 }, (_, i) => (i + 1) / 10);

/** How well the predicted deviations of one axis match its errors. */
export interface AxisCalibration {
  /** For each of DEVIATIONS the share of truths within that many predicted deviations of the prediction. */
  readonly within: readonly number[];
  /** Root of the mean of (error / predicted deviation)²: 1 for correct deviations, above 1 for too small ones. */
  readonly ratio: number;
}

/** @param items predictions and labels; at least one */
export function calibration(
  items: readonly { readonly prediction: Prediction; readonly label: PlanePoint }[],
): Record<'valence' | 'arousal', AxisCalibration> {
  const axis = (name: 'valence' | 'arousal'): AxisCalibration => {
    const errors = items.map(
      ({ prediction, label }) => Math.abs(prediction[name] - label[name]) / prediction[`${name}Sd`],
    );
    return {
      within: DEVIATIONS.map((k) => errors.filter((error) => error <= k).length / errors.length),
      ratio: Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / errors.length),
    };
  };
  return { valence: axis('valence'), arousal: axis('arousal') };
}

/**
 * The share of a normal distribution within `k` deviations of its mean: erf(k / √2), by Abramowitz and Stegun 7.1.26
 * (error at most 1.5e-7).
 */
export function normalWithin(k: number): number {
  const x = k / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const powers = [0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429];
  const sum = powers.reduceRight((rest, coefficient) => t * (coefficient + rest), 0);
  return 1 - sum * Math.exp(-x * x);
}
