import { FLOAT32_TINY } from './stft.ts';

/** Length of both median filters, `librosa.decompose.hpss(kernel_size=31)`. */
export const MEDIAN_LENGTH = 31;

/**
 * `scipy.ndimage.median_filter(S, size=(1, 31), mode='reflect')` over time: the harmonic part of the sound. "Reflect"
 * repeats the edge: … c b a | a b c ….
 *
 * @param values frames × bins, for `medians` the same.
 */
export function medianAcrossFrames(
  values: Float32Array,
  frames: number,
  bins: number,
  medians: Float32Array,
): void {
  for (let bin = 0; bin < bins; bin++) runningMedian(values, bin, bins, frames, medians);
}

/** The same over frequency, `size=(31, 1)`: the percussive part. */
export function medianAcrossBins(
  values: Float32Array,
  frames: number,
  bins: number,
  medians: Float32Array,
): void {
  for (let frame = 0; frame < frames; frame++) runningMedian(values, frame * bins, 1, bins, medians);
}

/** Medians along `values[first], values[first + step], …`: a sorted window, from which the oldest value leaves. */
function runningMedian(
  values: Float32Array,
  first: number,
  step: number,
  length: number,
  medians: Float32Array,
): void {
  const reach = (MEDIAN_LENGTH - 1) / 2;
  const valueAt = (i: number): number => values[first + step * reflect(i, length)]!;
  const sorted = new Float32Array(MEDIAN_LENGTH);
  for (let i = -reach; i <= reach; i++) sorted[i + reach] = valueAt(i);
  sorted.sort();
  medians[first] = sorted[reach]!;
  for (let i = 1; i < length; i++) {
    const leaving = valueAt(i - 1 - reach);
    const entering = valueAt(i + reach);
    let hole = 0;
    while (sorted[hole]! !== leaving) hole++;
    for (; hole + 1 < MEDIAN_LENGTH && sorted[hole + 1]! < entering; hole++) sorted[hole] = sorted[hole + 1]!;
    for (; hole > 0 && sorted[hole - 1]! > entering; hole--) sorted[hole] = sorted[hole - 1]!;
    sorted[hole] = entering;
    medians[first + step * i] = sorted[reach]!;
  }
}

/** Index of scipy's "reflect" (half-sample symmetric) continuation, for any distance outside. */
function reflect(index: number, length: number): number {
  const period = 2 * length;
  const wrapped = ((index % period) + period) % period;
  return wrapped < length ? wrapped : period - 1 - wrapped;
}

/**
 * The harmonic output of `librosa.decompose.hpss(D)`: the spectrum times `librosa.util.softmask(harmonic, percussive,
 * power=2, split_zeros=True)`. Float32 throughout, as in librosa.
 *
 * @param spectrum Interleaved complex numbers; `magnitude`, `harmonic` and `percussive` have one for each.
 * @param masked Interleaved; may be `spectrum` itself.
 */
export function maskHarmonic(
  spectrum: Float32Array,
  magnitude: Float32Array,
  harmonic: Float32Array,
  percussive: Float32Array,
  masked: Float32Array,
): void {
  const { fround } = Math;
  for (let i = 0; i < magnitude.length; i++) {
    const h = harmonic[i]!;
    const p = percussive[i]!;
    const larger = h > p ? h : p;
    let mask = 0.5;
    if (larger >= FLOAT32_TINY) {
      const hShare = fround(h / larger);
      const pShare = fround(p / larger);
      const hPower = fround(hShare * hShare);
      const pPower = fround(pShare * pShare);
      mask = fround(hPower / fround(hPower + pPower));
    }
    const level = magnitude[i]!;
    if (level === 0) {
      masked[2 * i] = 0;
      masked[2 * i + 1] = 0;
      continue;
    }
    const kept = fround(level * mask);
    masked[2 * i] = kept * fround(spectrum[2 * i]! / level);
    masked[2 * i + 1] = kept * fround(spectrum[2 * i + 1]! / level);
  }
}
