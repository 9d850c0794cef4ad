import { fileURLToPath } from 'node:url';
import { FEATURE_GROUPS, FRAME_COUNT, readNpy, type Matrix } from '../../../models/features/index.ts';

/**
 * Where the numbers in golden/ come from:
 * - sine_sweep, chords, chords.harmonic, chords.chroma_cqt: the output of librosa 0.11.0 itself on these signals
 *   (whole matrices; of the harmonic part every 21st sample; its CQT chroma).
 * - detuned_chord, clicks, mixture, quiet_mixture: librosa 0.11.0's conventions, computed by an independent
 *   implementation in NumPy that equals librosa's own output on reference clips to 2e-7 (tonnetz 4e-5 where there is
 *   sound); every fourth frame.
 */
export function readGolden(name: string): Promise<Matrix> {
  return readNpy(fileURLToPath(new URL(`./golden/${name}.npy`, import.meta.url)));
}

/**
 * Largest relative L2 error that each group may have. The first four differ by the order of float32 roundings only.
 * Tonnetz is normalised frame by frame: where the sweep has left the CQT's range and where the clicks are over, it
 * hangs on what leaks 100 dB down and on the resampler's own roundings.
 */
export const TOLERANCE = { mfcc: 1e-5, chroma: 1e-5, mel: 1e-5, contrast: 1e-5, tonnetz: 5e-3 } as const;

/** ‖ours − golden‖ / ‖golden‖ for each group. A golden matrix with fewer columns holds every fourth frame. */
export function relativeErrors(matrix: Float32Array, golden: Matrix): Record<keyof typeof TOLERANCE, number> {
  const step = golden.columns === FRAME_COUNT ? 1 : 4;
  const errors = { mfcc: 0, chroma: 0, mel: 0, contrast: 0, tonnetz: 0 };
  for (const group of FEATURE_GROUPS) {
    let difference = 0;
    let size = 0;
    for (let row = group.first; row < group.first + group.rows; row++) {
      for (let column = 0; column < golden.columns; column++) {
        const expected = golden.values[row * golden.columns + column]!;
        const actual = matrix[row * FRAME_COUNT + column * step]!;
        difference += (actual - expected) ** 2;
        size += expected ** 2;
      }
    }
    errors[group.name] = Math.sqrt(difference / size);
  }
  return errors;
}

/** ‖a − b‖ / ‖b‖ */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i]! - expected[i]!) ** 2;
    size += expected[i]! ** 2;
  }
  return Math.sqrt(difference / size);
}

/** Index of the first number whose bits differ (zeros by their sign too), −1 when all are the same. */
export function firstDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Math.min(a.length, b.length);
  const bitsA = new Uint32Array(a.buffer, a.byteOffset, a.length);
  const bitsB = new Uint32Array(b.buffer, b.byteOffset, b.length);
  return bitsA.findIndex((bits, i) => bits !== bitsB[i]);
}
