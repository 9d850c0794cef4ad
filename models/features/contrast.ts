import { powerToDecibels } from './decibels.ts';
import { FRAME_SAMPLES, SAMPLE_RATE_HZ } from './layout.ts';

/** A band of bins [first, end), and the number of bins in its peak and in its valley. */
export interface ContrastBand {
  readonly first: number;
  readonly end: number;
  readonly extremes: number;
}

/**
 * The seven bands of `librosa.feature.spectral_contrast`: 0–200 Hz, then octaves from 200 Hz, the last one up to the
 * Nyquist frequency. Each but the first begins one bin early and each but the last leaves out its last bin;
 * 2 % of the bins (before that one is left out), at least one, are its peak and its valley.
 */
export function createContrastBands(): ContrastBand[] {
  const binOf = (hz: number): number => (hz * FRAME_SAMPLES) / SAMPLE_RATE_HZ;
  const bins = FRAME_SAMPLES / 2 + 1;
  return Array.from({ length: 7 }, (_, band) => {
    const lowHz = band === 0 ? 0 : 200 * 2 ** (band - 1);
    const first = band === 0 ? 0 : Math.ceil(binOf(lowHz)) - 1;
    const last = band === 6 ? bins - 1 : Math.floor(binOf(200 * 2 ** band));
    const extremes = Math.max(1, roundHalfToEven(0.02 * (last - first + 1)));
    return { first, end: band === 6 ? last + 1 : last, extremes };
  });
}

/**
 * `librosa.feature.spectral_contrast(S=magnitude)`: decibels of the mean of the loudest 2 % of each band minus those of
 * the quietest 2 %, both clamped at 80 dB below the clip's loudest. (The decibels treat magnitudes as power, like the
 * reference.)
 *
 * @param magnitude frames × 1025.
 * @param contrast bands × frames.
 */
export function spectralContrast(
  bands: readonly ContrastBand[],
  magnitude: Float32Array,
  frames: number,
  contrast: Float32Array,
): void {
  const bins = FRAME_SAMPLES / 2 + 1;
  const peaks = new Float64Array(bands.length * frames);
  const valleys = new Float64Array(bands.length * frames);
  for (const [row, band] of bands.entries()) {
    const count = band.extremes;
    const highest = new Float32Array(count);
    const lowest = new Float32Array(count);
    for (let frame = 0; frame < frames; frame++) {
      highest.fill(-Infinity);
      lowest.fill(Infinity);
      for (let bin = frame * bins + band.first; bin < frame * bins + band.end; bin++) {
        const value = magnitude[bin]!;
        // Both lists are sorted, the one most easily beaten first.
        if (value > highest[0]!) {
          let i = 1;
          for (; i < count && highest[i]! < value; i++) highest[i - 1] = highest[i]!;
          highest[i - 1] = value;
        }
        if (value < lowest[0]!) {
          let i = 1;
          for (; i < count && lowest[i]! > value; i++) lowest[i - 1] = lowest[i]!;
          lowest[i - 1] = value;
        }
      }
      peaks[row * frames + frame] = meanOf(highest);
      valleys[row * frames + frame] = meanOf(lowest);
    }
  }
  powerToDecibels(peaks);
  powerToDecibels(valleys);
  for (let i = 0; i < contrast.length; i++) contrast[i] = peaks[i]! - valleys[i]!;
}

function meanOf(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return Math.fround(sum / values.length);
}

/** `np.rint`. */
function roundHalfToEven(value: number): number {
  const floor = Math.floor(value);
  if (value - floor !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}
