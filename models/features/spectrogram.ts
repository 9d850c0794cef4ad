import { CLIP_SAMPLES } from './layout.ts';
import { createFramePlan, stft } from './stft.ts';
import { hannWindow } from './window.ts';

/** Samples of a frame. */
export const SPECTROGRAM_POINTS = 512;

/** Frequencies of the spectrogram, 0 to 11,025 Hz. */
export const SPECTROGRAM_BINS = SPECTROGRAM_POINTS / 2 + 1;
export const SPECTROGRAM_FRAMES = 199;

/** The widest hop at which 199 whole frames of 512 samples fit into 44,100 (10 ms, L3-Net's own): ⌊(44100 − 512) / 198⌋. */
export const SPECTROGRAM_HOP_SAMPLES = Math.floor(
  (CLIP_SAMPLES - SPECTROGRAM_POINTS) / (SPECTROGRAM_FRAMES - 1),
);

/** Least power in decibels. */
export const LEAST_POWER = 1e-10;

/**
 * The log-spectrogram for L3-Net: 512-point frames under a Hann window, one every 220 samples, without padding, as 10
 * log₁₀ max(10⁻¹⁰, power).
 * @param clip 44,100 samples
 * @returns [257, 199], frequency by frequency
 */
export function logSpectrogram(clip: Float32Array): Float32Array {
  const plan = createFramePlan(SPECTROGRAM_HOP_SAMPLES, SPECTROGRAM_FRAMES, hannWindow(SPECTROGRAM_POINTS));
  const spectrum = new Float32Array(SPECTROGRAM_FRAMES * SPECTROGRAM_BINS * 2);
  stft(plan, clip, spectrum);
  const decibels = new Float32Array(SPECTROGRAM_BINS * SPECTROGRAM_FRAMES);
  for (let frame = 0; frame < SPECTROGRAM_FRAMES; frame++) {
    for (let bin = 0; bin < SPECTROGRAM_BINS; bin++) {
      const at = 2 * (frame * SPECTROGRAM_BINS + bin);
      const power = spectrum[at]! ** 2 + spectrum[at + 1]! ** 2;
      decibels[bin * SPECTROGRAM_FRAMES + frame] = 10 * Math.log10(Math.max(LEAST_POWER, power));
    }
  }
  return decibels;
}
