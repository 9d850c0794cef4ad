/** The tables and limits behind the features, for other implementations of the same features. */
export { CHROMA, createChromaBank } from './chroma.ts';
export { createContrastBands } from './contrast.ts';
export {
  BINS_PER_OCTAVE,
  CQT_FRAME_SAMPLES,
  OCTAVES,
  createCqtFilters,
  createOctavePlans,
  type CqtFilters,
} from './cqt.ts';
export { checkClip } from './extractor.ts';
export { MEDIAN_LENGTH } from './hpss.ts';
export { createMelBank, melMatrix } from './mel.ts';
export { createDct } from './mfcc.ts';
export { HALVE_REACH, createHalveTaps } from './resample.ts';
export {
  LEAST_POWER,
  SPECTROGRAM_BINS,
  SPECTROGRAM_FRAMES,
  SPECTROGRAM_HOP_SAMPLES,
  SPECTROGRAM_POINTS,
} from './spectrogram.ts';
export { FLOAT32_TINY, createFramePlan, windowSumSquares } from './stft.ts';
export { createTonnetzBasis, pitchOfBin } from './tonnetz.ts';
export { PITCH_END_BIN, PITCH_FIRST_BIN, TUNING_STEPS, tuningOfStep } from './tuning.ts';
export { hannWindow, kaiserAt } from './window.ts';
