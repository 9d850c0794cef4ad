import { complexFft, createFftPlan, joinHalves, splitHalves, type FftPlan } from './fft.ts';

/** How a signal is cut into centred, zero-padded frames. */
export interface FramePlan {
  readonly fft: FftPlan;
  /** Samples from one frame to the next. */
  readonly hopSamples: number;
  readonly frames: number;
  /** `fft.samples` weights, or all ones. */
  readonly window: Float64Array;
}

export function createFramePlan(hopSamples: number, frames: number, window: Float64Array): FramePlan {
  return { fft: createFftPlan(window.length), hopSamples, frames, window };
}

/** Samples that a padded signal must have: half a frame of zeros before the first sample, and zeros to the end. */
export function paddedSamples(plan: FramePlan): number {
  return plan.hopSamples * (plan.frames - 1) + plan.fft.samples;
}

/**
 * `librosa.stft(y, center=True, pad_mode='constant')`.
 *
 * @param padded The signal after `fft.samples / 2` zeros, at least {@link paddedSamples} long.
 * @param spectrum frames × (fft.samples/2 + 1) × (real, imaginary), frame by frame. Like librosa's complex64, each
 *   number is a float64 result rounded once: the valleys of spectral contrast and the tuning hang on digits that a
 *   float32 FFT doesn't have.
 */
export function stft(plan: FramePlan, padded: Float32Array, spectrum: Float32Array): void {
  const { fft, hopSamples, frames, window } = plan;
  const row = fft.samples + 2;
  const input = new Float64Array(fft.samples);
  const scratch = new Float64Array(fft.samples);
  const bins = new Float64Array(row);
  for (let frame = 0; frame < frames; frame++) {
    const start = frame * hopSamples;
    for (let n = 0; n < fft.samples; n++) input[n] = padded[start + n]! * window[n]!;
    splitHalves(fft, complexFft(fft, input, scratch), bins);
    spectrum.set(bins, frame * row);
  }
}

/**
 * `librosa.istft` before its division by the summed squares of the windows: each frame back in time, windowed again,
 * added into `padded` (float32 after each addition, as librosa does), which is cleared first.
 */
export function overlapAdd(plan: FramePlan, spectrum: Float32Array, padded: Float32Array): void {
  const { fft, hopSamples, frames, window } = plan;
  const row = fft.samples + 2;
  const half = fft.samples / 2;
  const z = new Float64Array(fft.samples);
  const scratch = new Float64Array(fft.samples);
  const bins = new Float64Array(row);
  padded.fill(0);
  for (let frame = 0; frame < frames; frame++) {
    for (let n = 0; n < row; n++) bins[n] = spectrum[frame * row + n]!;
    joinHalves(fft, bins, z);
    const swapped = complexFft(fft, z, scratch);
    const start = frame * hopSamples;
    for (let n = 0; n < half; n++) {
      padded[start + 2 * n]! += (swapped[2 * n + 1]! / half) * window[2 * n]!;
      padded[start + 2 * n + 1]! += (swapped[2 * n]! / half) * window[2 * n + 1]!;
    }
  }
}

/**
 * What {@link overlapAdd} must be divided by: `librosa.filters.window_sumsquare` (float32), with 1 where no window
 * reaches. As long as {@link paddedSamples}.
 */
export function windowSumSquares(plan: FramePlan): Float32Array {
  const sums = new Float32Array(paddedSamples(plan));
  for (let frame = 0; frame < plan.frames; frame++) {
    for (let n = 0; n < plan.fft.samples; n++) {
      sums[frame * plan.hopSamples + n]! += plan.window[n]! * plan.window[n]!;
    }
  }
  for (let n = 0; n < sums.length; n++) if (sums[n]! <= FLOAT32_TINY) sums[n] = 1;
  return sums;
}

/** The smallest normal float32, librosa's `util.tiny`. */
export const FLOAT32_TINY = 2 ** -126;

/** `np.abs` of interleaved complex numbers: half as many magnitudes, rounded to float32 once. */
export function magnitudes(spectrum: Float32Array, magnitude: Float32Array): void {
  for (let i = 0; i < magnitude.length; i++) {
    const re = spectrum[2 * i]!;
    const im = spectrum[2 * i + 1]!;
    magnitude[i] = Math.sqrt(re * re + im * im);
  }
}
