import { FRAME_SAMPLES, SAMPLE_RATE_HZ } from './layout.ts';

const BINS = FRAME_SAMPLES / 2 + 1;
/** Bins whose frequency lies in piptrack's range, 150 Hz ≤ f < 4000 Hz. */
export const PITCH_FIRST_BIN = Math.ceil((150 * FRAME_SAMPLES) / SAMPLE_RATE_HZ);
export const PITCH_END_BIN = Math.ceil((4000 * FRAME_SAMPLES) / SAMPLE_RATE_HZ);

/** Steps of a hundredth of a bin, from −0.5 to +0.5. */
export const TUNING_STEPS = 100;

/** Peaks of a spectrogram: the first `count` entries of each array count. */
export interface PitchPeaks {
  count: number;
  readonly pitchHz: Float32Array;
  readonly magnitude: Float32Array;
}

/** Allocates room for every peak that `frames` frames can have. */
export function createPitchPeaks(frames: number): PitchPeaks {
  // Two neighbouring bins can't both be peaks.
  const room = frames * Math.ceil((PITCH_END_BIN - PITCH_FIRST_BIN + 1) / 2);
  return { count: 0, pitchHz: new Float32Array(room), magnitude: new Float32Array(room) };
}

/**
 * The non-zero entries of `librosa.piptrack(S=magnitude)`: local maxima between 150 Hz and 4 kHz that are louder than a
 * tenth of their frame's maximum (over all bins), moved to the top of the parabola through their neighbours. Rounds to
 * float32 exactly where librosa does, because {@link pitchTuning} counts in bins of a hundredth.
 *
 * @param magnitude frames × 1025.
 */
export function trackPitches(magnitude: Float32Array, frames: number, peaks: PitchPeaks): void {
  const tenth = Math.fround(0.1);
  let count = 0;
  for (let frame = 0; frame < frames; frame++) {
    const row = frame * BINS;
    let loudest = 0;
    for (let bin = 0; bin < BINS; bin++) if (magnitude[row + bin]! > loudest) loudest = magnitude[row + bin]!;
    const threshold = Math.fround(tenth * loudest);
    for (let bin = PITCH_FIRST_BIN; bin < PITCH_END_BIN; bin++) {
      const here = magnitude[row + bin]!;
      if (!(here > threshold)) continue;
      const before = magnitude[row + bin - 1]!;
      const after = magnitude[row + bin + 1]!;
      // A neighbour below the threshold counts as zero, which changes nothing: it is smaller than `here` anyway.
      if (!(here > before && here >= after)) continue;
      const curvature = Math.fround(after + before) - 2 * here;
      const slope = Math.fround(after - before) / 2;
      const shift = Math.abs(slope) >= Math.abs(curvature) ? 0 : Math.fround(-slope / curvature);
      const gradient = Math.fround(Math.fround(after - before) / 2);
      const rise = Math.fround(Math.fround(0.5 * gradient) * shift);
      const pitchHz = Math.fround(((bin + shift) * SAMPLE_RATE_HZ) / FRAME_SAMPLES);
      if (!(pitchHz > 0)) continue;
      peaks.pitchHz[count] = pitchHz;
      peaks.magnitude[count] = Math.fround(here + rise);
      count++;
    }
  }
  peaks.count = count;
}

/**
 * `librosa.pitch_tuning` of the peaks that are at least as loud as the median peak: which hundredth of a bin most
 * of them are off. Together with {@link trackPitches} it is `librosa.estimate_tuning(S=…)`.
 *
 * @returns The step 0 … 99 of the histogram, see {@link tuningOfStep}; `undefined` when there is no peak, where librosa
 *   returns 0.
 */
export function pitchTuningStep(peaks: PitchPeaks, binsPerOctave: number): number | undefined {
  if (peaks.count === 0) return undefined;
  const threshold = median(peaks.magnitude.subarray(0, peaks.count));
  const counts = new Int32Array(TUNING_STEPS);
  for (let i = 0; i < peaks.count; i++) {
    if (!(peaks.magnitude[i]! >= threshold)) continue;
    const octaves = Math.fround(Math.log2(Math.fround(peaks.pitchHz[i]! / (440 / 16))));
    const bins = Math.fround(binsPerOctave * octaves);
    let residual = bins - Math.floor(bins);
    if (residual >= 0.5) residual -= 1;
    let step = Math.min(TUNING_STEPS - 1, Math.max(0, Math.floor((residual + 0.5) * TUNING_STEPS)));
    // The histogram's edges are float64 numbers: the guess can be one off beside an edge.
    if (residual < tuningOfStep(step)) step--;
    else if (step + 1 < TUNING_STEPS && residual >= tuningOfStep(step + 1)) step++;
    counts[step]!++;
  }
  let best = 0;
  for (let step = 1; step < TUNING_STEPS; step++) if (counts[step]! > counts[best]!) best = step;
  return best;
}

/** Lower edge of a step, in fractions of a bin: `np.linspace(-0.5, 0.5, 101)[step]`. */
export function tuningOfStep(step: number): number {
  return -0.5 + step * 0.01;
}

/** `np.median` of float32 numbers. */
function median(values: Float32Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return Math.fround(Math.fround(sorted[middle - 1]! + sorted[middle]!) / 2);
}
