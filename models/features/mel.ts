import { FRAME_SAMPLES, SAMPLE_RATE_HZ } from './layout.ts';

/** Triangular filters, each over a run of neighbouring bins. */
export interface MelBank {
  readonly bands: number;
  /** For each band its first bin. */
  readonly firstBin: Int32Array;
  /** For each band where its weights begin; one more entry for the end of the last. */
  readonly offset: Int32Array;
  readonly weights: Float32Array;
}

const HZ_PER_LINEAR_MEL = 200 / 3;
const LOG_FROM_HZ = 1000;
const LOG_FROM_MEL = LOG_FROM_HZ / HZ_PER_LINEAR_MEL;
const LOG_STEP = Math.log(6.4) / 27;

/** Slaney's mel scale (Auditory Toolbox, not HTK's): linear up to 1 kHz, then logarithmic. */
export function hzToMel(hz: number): number {
  return hz < LOG_FROM_HZ ? hz / HZ_PER_LINEAR_MEL : LOG_FROM_MEL + Math.log(hz / LOG_FROM_HZ) / LOG_STEP;
}

export function melToHz(mel: number): number {
  return mel < LOG_FROM_MEL
    ? mel * HZ_PER_LINEAR_MEL
    : LOG_FROM_HZ * Math.exp(LOG_STEP * (mel - LOG_FROM_MEL));
}

/**
 * `librosa.filters.mel(sr=sampleRateHz, n_fft=frameSamples, n_mels=bands)`: triangles evenly spaced on Slaney's scale
 * from 0 Hz to half the sample rate, each divided by half its width in Hz (norm='slaney'). Weights are float32.
 */
export function createMelBank(
  bands = 128,
  sampleRateHz = SAMPLE_RATE_HZ,
  frameSamples = FRAME_SAMPLES,
): MelBank {
  const binCount = frameSamples / 2 + 1;
  const topMel = hzToMel(sampleRateHz / 2);
  const edgeHz = Array.from({ length: bands + 2 }, (_, i) => melToHz((topMel * i) / (bands + 1)));
  const firstBin = new Int32Array(bands);
  const offset = new Int32Array(bands + 1);
  const weights: number[] = [];
  for (let band = 0; band < bands; band++) {
    const low = edgeHz[band]!;
    const centre = edgeHz[band + 1]!;
    const high = edgeHz[band + 2]!;
    firstBin[band] = -1;
    for (let bin = 0; bin < binCount; bin++) {
      const hz = (bin * sampleRateHz) / frameSamples;
      const slope = Math.min((hz - low) / (centre - low), (high - hz) / (high - centre));
      if (slope <= 0) continue;
      if (firstBin[band]! < 0) firstBin[band] = bin;
      weights.push(Math.fround(Math.fround(slope) * (2 / (high - low))));
    }
    offset[band + 1] = weights.length;
  }
  return { bands, firstBin, offset, weights: Float32Array.from(weights) };
}

/** The filters as a matrix [binCount, bands]. */
export function melMatrix({ bands, firstBin, offset, weights }: MelBank, binCount: number): Float32Array {
  const matrix = new Float32Array(binCount * bands);
  for (let band = 0; band < bands; band++) {
    for (let i = offset[band]!; i < offset[band + 1]!; i++) {
      matrix[(firstBin[band]! + i - offset[band]!) * bands + band] = weights[i]!;
    }
  }
  return matrix;
}

/**
 * `librosa.feature.melspectrogram(y)` from the magnitudes of the STFT: power (the square of the magnitude) in each
 * band.
 *
 * @param magnitude frames × 1025.
 * @param mel frames × bands, not in decibels.
 */
export function melSpectrogram(
  bank: MelBank,
  magnitude: Float32Array,
  frames: number,
  mel: Float32Array,
): void {
  const binCount = FRAME_SAMPLES / 2 + 1;
  const { bands, firstBin, offset, weights } = bank;
  for (let frame = 0; frame < frames; frame++) {
    for (let band = 0; band < bands; band++) {
      const from = offset[band]!;
      const to = offset[band + 1]!;
      const first = frame * binCount + firstBin[band]! - from;
      let sum = 0;
      for (let i = from; i < to; i++) {
        const value = magnitude[first + i]!;
        sum += weights[i]! * Math.fround(value * value);
      }
      mel[frame * bands + band] = sum;
    }
  }
}
