import { FEATURE_GROUPS, FRAME_COUNT } from '../../models/features/index.ts';

/** One group of the feature matrix, ready to draw. */
export interface GroupView {
  readonly name: string;
  readonly rows: number;
  /** What the darkest and the brightest shade stand for, in `unit`. */
  readonly low: number;
  readonly high: number;
  readonly unit: string;
  /** Shade of a row (from the lowest) in a frame, 0 to 1. */
  readonly shade: (row: number, frame: number) => number;
}

const UNITS: Record<(typeof FEATURE_GROUPS)[number]['name'], string> = {
  mfcc: '',
  chroma: '',
  mel: 'dB',
  contrast: 'dB',
  tonnetz: '',
};

/** Mel power is shown in dB, down to this far below full power. */
const MEL_FLOOR_DB = -80;

/**
 * The five groups of a 193 × 87 matrix, each on its own scale: from the 2nd to the 98th percentile of its values, so
 * that MFCC 0 (the loudness) doesn't blot out the other 39.
 */
export function groupViews(matrix: Float32Array): GroupView[] {
  return FEATURE_GROUPS.map(({ name, first, rows }) => {
    const values = Float64Array.from(matrix.subarray(first * FRAME_COUNT, (first + rows) * FRAME_COUNT));
    if (name === 'mel')
      values.forEach((power, i) => (values[i] = Math.max(MEL_FLOOR_DB, 10 * Math.log10(power))));
    const sorted = values.toSorted();
    const low = sorted[Math.floor(0.02 * (sorted.length - 1))]!;
    const high = sorted[Math.ceil(0.98 * (sorted.length - 1))]!;
    const span = high - low || 1;
    return {
      name,
      rows,
      low,
      high,
      unit: UNITS[name],
      shade: (row, frame) => Math.min(1, Math.max(0, (values[row * FRAME_COUNT + frame]! - low) / span)),
    };
  });
}

/** A scale as people read it: `-80 … -12 dB`. */
export function scaleText({ low, high, unit }: GroupView): string {
  const digits = Math.max(Math.abs(low), Math.abs(high)) < 10 ? 2 : 0;
  return `${low.toFixed(digits)} … ${high.toFixed(digits)}${unit === '' ? '' : ` ${unit}`}`;
}
