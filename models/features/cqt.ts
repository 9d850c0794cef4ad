import { complexFft, createFftPlan } from './fft.ts';
import { CLIP_SAMPLES, FRAME_COUNT, HOP_SAMPLES, SAMPLE_RATE_HZ } from './layout.ts';
import { HALVE_REACH } from './resample.ts';
import { createFramePlan, paddedSamples, type FramePlan } from './stft.ts';
import { hannWindow } from './window.ts';

export const BINS_PER_OCTAVE = 36;
export const OCTAVES = 7;
/** Frame of the CQT's own STFT, the same in every octave: the longest filter, 547 samples, up to a power of two. */
export const CQT_FRAME_SAMPLES = 1024;
/** C1, librosa's default lowest bin. */
const LOWEST_HZ = 440 * 2 ** ((24 - 69) / 12);
/** The plan of a real FFT holds a complex one of half its size. */
const FILTER_FFT = createFftPlan(2 * CQT_FRAME_SAMPLES);

/**
 * The filters of one octave in the frequency domain, sparsified. One octave serves all seven, since both frequency
 * and sample rate halve from each to the next.
 */
export interface CqtFilters {
  /** For each of the 36 filters its first bin of the frame's spectrum. */
  readonly firstBin: Int32Array;
  /** Where the filter's weights begin, counted in complex numbers; one more entry for the end of the last. */
  readonly offset: Int32Array;
  /** Interleaved complex weights, an even number of them for each filter. */
  readonly weights: Float32Array;
}

/**
 * `librosa.filters.wavelet` and the sparsification of `librosa.cqt`: Hann-windowed complex exponentials of
 * Q·sr/f samples, Q = (2^(2/36) + 1) / (2^(2/36) − 1), of sum 1, then the smallest entries of each spectrum that
 * together make less than 1 % of its sum are dropped. Scaled for `scale=True` (1/√length).
 *
 * @param tuning In fractions of a bin (of 36 to the octave), −0.5 … 0.5.
 */
export function createCqtFilters(tuning: number): CqtFilters {
  const size = CQT_FRAME_SAMPLES;
  const ratio = 2 ** (2 / BINS_PER_OCTAVE);
  const q = (ratio + 1) / (ratio - 1);
  const lowestHz = LOWEST_HZ * 2 ** (tuning / BINS_PER_OCTAVE) * 2 ** (OCTAVES - 1);
  const scratch = new Float64Array(2 * size);
  const firstBin = new Int32Array(BINS_PER_OCTAVE);
  const offset = new Int32Array(BINS_PER_OCTAVE + 1);
  const weights: number[] = [];
  for (let filter = 0; filter < BINS_PER_OCTAVE; filter++) {
    const hz = lowestHz * 2 ** (filter / BINS_PER_OCTAVE);
    const length = (q * SAMPLE_RATE_HZ) / hz;
    const spectrum = complexFft(FILTER_FFT, waveletOf(hz, length), scratch);
    const rounded = new Float32Array(spectrum.subarray(0, size + 2));
    dropSmallest(rounded, 0.01);
    let first = 0;
    while (rounded[2 * first] === 0 && rounded[2 * first + 1] === 0) first++;
    let end = size / 2 + 1;
    while (rounded[2 * end - 2] === 0 && rounded[2 * end - 1] === 0) end--;
    firstBin[filter] = first;
    if ((end - first) % 2 === 1) end++;
    for (let i = 2 * first; i < 2 * end; i++) weights.push(rounded[i]! / Math.sqrt(length));
    offset[filter + 1] = weights.length / 2;
  }
  return { firstBin, offset, weights: Float32Array.from(weights) };
}

/** One filter in time, centred in a frame, interleaved complex64 numbers, times length / frame. */
function waveletOf(hz: number, length: number): Float64Array {
  const size = CQT_FRAME_SAMPLES;
  const start = Math.floor(-length / 2);
  const samples = Math.ceil(Math.floor(length / 2) - start);
  const window = hannWindow(samples);
  let sum = 0;
  for (let n = 0; n < samples; n++) sum += window[n]!;
  const wavelet = new Float64Array(2 * size);
  const left = (size - samples) >> 1;
  const { fround } = Math;
  for (let n = 0; n < samples; n++) {
    const angle = ((start + n) * 2 * Math.PI * hz) / SAMPLE_RATE_HZ;
    const level = window[n]! / sum;
    wavelet[2 * (left + n)] = fround(fround(Math.cos(angle) * level) * (length / size));
    wavelet[2 * (left + n) + 1] = fround(fround(Math.sin(angle) * level) * (length / size));
  }
  return wavelet;
}

/** `librosa.util.sparsify_rows` of one row of interleaved complex numbers, in place. */
function dropSmallest(row: Float32Array, quantile: number): void {
  const magnitude = new Float32Array(row.length / 2);
  let sum = 0;
  for (let i = 0; i < magnitude.length; i++) {
    magnitude[i] = Math.sqrt(row[2 * i]! ** 2 + row[2 * i + 1]! ** 2);
    sum += magnitude[i]!;
  }
  const sorted = magnitude.slice().sort();
  let kept = 0;
  for (let cumulated = sorted[0]! / sum; cumulated < quantile; cumulated += sorted[kept]! / sum) kept++;
  const threshold = sorted[kept]!;
  for (let i = 0; i < magnitude.length; i++) {
    if (magnitude[i]! >= threshold) continue;
    row[2 * i] = 0;
    row[2 * i + 1] = 0;
  }
}

/** One octave's signal and frames. */
export interface OctavePlan {
  readonly frames: FramePlan;
  /** Samples of the clip at this octave's rate. */
  readonly samples: number;
  /** Where they begin in the octave's padded array; zeros before and behind. */
  readonly first: number;
  /** Length of the padded array. */
  readonly padded: number;
}

/** The seven octaves of a clip, from the highest down: each at half the rate and half the hop of the one above. */
export function createOctavePlans(): OctavePlan[] {
  const ones = new Float64Array(CQT_FRAME_SAMPLES).fill(1);
  const plans: OctavePlan[] = [];
  let samples = CLIP_SAMPLES;
  for (let octave = 0; octave < OCTAVES; octave++) {
    const frames = createFramePlan(HOP_SAMPLES >> octave, FRAME_COUNT, ones);
    const first = CQT_FRAME_SAMPLES / 2;
    const padded = Math.max(paddedSamples(frames), first + samples + HALVE_REACH + 1);
    plans.push({ frames, samples, first, padded });
    samples = Math.ceil(samples / 2);
  }
  return plans;
}

/**
 * `np.abs(librosa.cqt(y, bins_per_octave=36, n_bins=252))` of one octave: the spectra of its frames times the filters.
 *
 * @param spectrum frames × 513, interleaved, of the octave's frames (not windowed).
 * @param magnitude frames × 36.
 */
export function projectOctave(
  filters: CqtFilters,
  spectrum: Float32Array,
  frames: number,
  magnitude: Float32Array,
): void {
  const { fround } = Math;
  const { firstBin, offset, weights } = filters;
  const direct = new Float32Array(4);
  const crossed = new Float32Array(4);
  const row = CQT_FRAME_SAMPLES + 2;
  for (let frame = 0; frame < frames; frame++) {
    for (let filter = 0; filter < BINS_PER_OCTAVE; filter++) {
      const from = 2 * offset[filter]!;
      const to = 2 * offset[filter + 1]!;
      const bins = frame * row + 2 * firstBin[filter]! - from;
      direct.fill(0);
      crossed.fill(0);
      for (let i = from; i < to; i += 4) {
        for (let part = 0; part < 4; part++) {
          const weight = weights[i + part]!;
          direct[part]! += fround(weight * spectrum[bins + i + part]!);
          crossed[part]! += fround(weight * spectrum[bins + i + (part ^ 1)]!);
        }
      }
      const re = fround(fround(direct[0]! - direct[1]!) + fround(direct[2]! - direct[3]!));
      const im = fround(fround(crossed[0]! + crossed[1]!) + fround(crossed[2]! + crossed[3]!));
      magnitude[frame * BINS_PER_OCTAVE + filter] = Math.sqrt(re * re + im * im);
    }
  }
}
