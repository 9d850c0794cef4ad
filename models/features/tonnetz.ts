import { CHROMA } from './chroma.ts';
import { BINS_PER_OCTAVE } from './cqt.ts';
import { FLOAT32_TINY } from './stft.ts';

const TONNETZ = 6;

/** The pitch class to which `librosa.filters.cq_to_chroma(252, bins_per_octave=36)` counts a bin of an octave. */
export function pitchOfBin(bin: number): number {
  return Math.floor(((bin + 1) % BINS_PER_OCTAVE) / (BINS_PER_OCTAVE / CHROMA));
}

/**
 * Adds one octave of a CQT to its pitch classes, as `librosa.filters.cq_to_chroma(252, bins_per_octave=36)` does:
 * each class takes the bin in tune and one on either side.
 *
 * @param octave frames × 36 magnitudes, the first bin a C.
 * @param chroma frames × 12, added to.
 */
export function foldOctave(octave: Float32Array, frames: number, chroma: Float32Array): void {
  for (let frame = 0; frame < frames; frame++) {
    for (let bin = 0; bin < BINS_PER_OCTAVE; bin++) {
      chroma[frame * CHROMA + pitchOfBin(bin)]! += octave[frame * BINS_PER_OCTAVE + bin]!;
    }
  }
}

/** The 6 × 12 projection of `librosa.feature.tonnetz`: fifths, minor and major thirds as points on circles. */
export function createTonnetzBasis(): Float64Array {
  const turns = [7 / 6, 7 / 6, 3 / 2, 3 / 2, 2 / 3, 2 / 3];
  const radius = [1, 1, 1, 1, 0.5, 0.5];
  const basis = new Float64Array(TONNETZ * CHROMA);
  for (let row = 0; row < TONNETZ; row++) {
    for (let pitch = 0; pitch < CHROMA; pitch++) {
      const angle = turns[row]! * pitch - (row % 2 === 0 ? 0.5 : 0);
      basis[row * CHROMA + pitch] = radius[row]! * Math.cos(Math.PI * angle);
    }
  }
  return basis;
}

/**
 * `librosa.feature.tonnetz(chroma=…)` (Harte, Sandler and Gasser 2006): each frame's chroma, scaled to sum 1, on the
 * three circles; rows are fifth x, y, minor third x, y, major third x, y, within −1 … 1 (thirds of the last
 * circle −0.5 … 0.5).
 *
 * @param chroma frames × 12, not negative.
 * @param tonnetz 6 × frames.
 */
export function tonnetzOfChroma(
  basis: Float64Array,
  chroma: Float32Array,
  frames: number,
  tonnetz: Float32Array,
): void {
  const shares = new Float32Array(CHROMA);
  for (let frame = 0; frame < frames; frame++) {
    let sum = 0;
    for (let pitch = 0; pitch < CHROMA; pitch++) sum += chroma[frame * CHROMA + pitch]!;
    if (sum < FLOAT32_TINY) sum = 1;
    for (let pitch = 0; pitch < CHROMA; pitch++) shares[pitch] = chroma[frame * CHROMA + pitch]! / sum;
    for (let row = 0; row < TONNETZ; row++) {
      let value = 0;
      for (let pitch = 0; pitch < CHROMA; pitch++) value += basis[row * CHROMA + pitch]! * shares[pitch]!;
      tonnetz[row * frames + frame] = value;
    }
  }
}
