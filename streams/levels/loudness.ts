import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';

/** The bands of the specific loudness. */
export const BARK_BANDS = 24;

/** Frequency on the Bark scale, from 0 to 24 (Zwicker and Terhardt, 1980). */
function barkOf(frequencyHz: number): number {
  return 13 * Math.atan(frequencyHz / 1315.8) + 3.5 * Math.atan((frequencyHz / 7518) ** 2);
}

/** For each band the first bin above it: bands equally wide in Bark up to the last bin. @param bins from 0 Hz on, as of a frame of 2 · `bins` samples */
export function bandEnds(bins: number): Uint16Array {
  const barkOfBin = (bin: number): number => barkOf((bin * SAMPLE_RATE_HZ) / (2 * bins));
  const most = barkOfBin(bins - 1);
  return Uint16Array.from({ length: BARK_BANDS }, (_, band) => {
    let bin = 0;
    while (bin < bins - 1 && barkOfBin(bin) <= (most * (band + 1)) / BARK_BANDS) bin += 1;
    return bin;
  });
}

/** The specific loudness of each band: its sum of magnitudes to the power of 0.23 (Zwicker's exponent; the formula is Meyda's). */
export function specificLoudness(magnitudes: Float32Array, ends: Uint16Array): Float32Array {
  const specific = new Float32Array(ends.length);
  let bin = 0;
  ends.forEach((end, band) => {
    let sum = 0;
    for (; bin < end; bin++) sum += magnitudes[bin]!;
    specific[band] = sum ** 0.23;
  });
  return specific;
}

/** In bins; 0 in silence. */
export function centroidOf(magnitudes: Float32Array, bins: number): number {
  let [sum, moment] = [0, 0];
  for (let bin = 0; bin < bins; bin++) {
    sum += magnitudes[bin]!;
    moment += bin * magnitudes[bin]!;
  }
  return sum > 0 ? moment / sum : 0;
}
