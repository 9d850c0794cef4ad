import { FRAME_SAMPLES, SAMPLE_RATE_HZ } from './layout.ts';
import { FLOAT32_TINY } from './stft.ts';

export const CHROMA = 12;

/**
 * `librosa.filters.chroma(sr=22050, n_fft=2048, tuning=…)`: Gaussian bumps around each pitch class (C first), each
 * bin's twelve weights scaled to length 1 and then by a Gaussian of two octaves around the fifth octave.
 *
 * @param tuning In fractions of a semitone, −0.5 … 0.5.
 * @returns 1025 × 12 float32 weights, bin by bin.
 */
export function createChromaBank(tuning: number): Float32Array {
  const bins = FRAME_SAMPLES / 2 + 1;
  const referenceHz = (440 * 2 ** (tuning / CHROMA)) / 16;
  const semitone = new Float64Array(FRAME_SAMPLES);
  for (let bin = 1; bin < FRAME_SAMPLES; bin++) {
    semitone[bin] = CHROMA * Math.log2((bin * SAMPLE_RATE_HZ) / FRAME_SAMPLES / referenceHz);
  }
  semitone[0] = semitone[1]! - 1.5 * CHROMA;
  const bank = new Float32Array(bins * CHROMA);
  const bumps = new Float64Array(CHROMA);
  for (let bin = 0; bin < bins; bin++) {
    const width = Math.max(semitone[bin + 1]! - semitone[bin]!, 1);
    let squares = 0;
    for (let pitch = 0; pitch < CHROMA; pitch++) {
      const turns = semitone[bin]! - pitch + CHROMA / 2 + 10 * CHROMA;
      const distance = turns - CHROMA * Math.floor(turns / CHROMA) - CHROMA / 2;
      const bump = Math.exp(-0.5 * ((2 * distance) / width) ** 2);
      bumps[pitch] = bump;
      squares += bump * bump;
    }
    const dominance = Math.exp(-0.5 * ((semitone[bin]! / CHROMA - 5) / 2) ** 2);
    const scale = dominance / Math.sqrt(squares);
    // Pitch 0 above is A; rows begin with C, three semitones on.
    for (let pitch = 0; pitch < CHROMA; pitch++) {
      bank[bin * CHROMA + pitch] = bumps[(pitch + 3) % CHROMA]! * scale;
    }
  }
  return bank;
}

/**
 * `librosa.feature.chroma_stft(S=magnitude)` before its normalisation.
 *
 * @param bank From {@link createChromaBank}, 1025 × 12.
 * @param magnitude frames × 1025.
 * @param chroma frames × 12.
 */
export function projectChroma(
  bank: Float32Array,
  magnitude: Float32Array,
  frames: number,
  chroma: Float32Array,
): void {
  const bins = bank.length / CHROMA;
  const sums = new Float32Array(CHROMA);
  for (let frame = 0; frame < frames; frame++) {
    sums.fill(0);
    for (let bin = 0; bin < bins; bin++) {
      const value = magnitude[frame * bins + bin]!;
      for (let pitch = 0; pitch < CHROMA; pitch++)
        sums[pitch]! += Math.fround(bank[bin * CHROMA + pitch]! * value);
    }
    chroma.set(sums, frame * CHROMA);
  }
}

/**
 * `librosa.util.normalize(chroma, norm=np.inf, axis=-2)`: each frame divided by its largest value, unless that is
 * below float32's smallest normal number. In place, frames × 12.
 */
export function normalizeFrames(chroma: Float32Array): void {
  for (let first = 0; first < chroma.length; first += CHROMA) {
    let largest = 0;
    for (let i = first; i < first + CHROMA; i++) largest = Math.max(largest, Math.abs(chroma[i]!));
    if (largest < FLOAT32_TINY) continue;
    for (let i = first; i < first + CHROMA; i++) chroma[i]! /= largest;
  }
}
