/** Sample rate of everything after the sources, in Hz. */
export const SAMPLE_RATE_HZ = 22_050;

/** Length of a clip. */
export const CLIP_SECONDS = 2;
export const CLIP_SAMPLES = CLIP_SECONDS * SAMPLE_RATE_HZ;

/** The longest sound right before a clip that an encoder takes: 1 s. */
export const BEFORE_SAMPLES = CLIP_SAMPLES / 2;

/** STFT frame and hop, in samples (librosa's n_fft and hop_length). */
export const FRAME_SAMPLES = 2048;
export const HOP_SAMPLES = 512;

/** Frames of a clip: centred and zero padded, 1 + ⌊44100 / 512⌋. */
export const FRAME_COUNT = 1 + Math.floor(CLIP_SAMPLES / HOP_SAMPLES);

/** The groups of the 193 rows, in their order in the matrix. `first` counts from 0. */
export const FEATURE_GROUPS = [
  { name: 'mfcc', first: 0, rows: 40 },
  { name: 'chroma', first: 40, rows: 12 },
  { name: 'mel', first: 52, rows: 128 },
  { name: 'contrast', first: 180, rows: 7 },
  { name: 'tonnetz', first: 187, rows: 6 },
] as const;

/**
 * Which rows to compute: all, or all but the tonnetz, whose rows are then 0. The tonnetz takes two thirds of the time:
 * it needs the harmonic part alone, through a constant-Q transform.
 */
export type FeatureRows = 'all' | 'without-tonnetz';

/** Rows of the feature matrix. */
export const FEATURE_ROWS = 193;
