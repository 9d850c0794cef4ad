export type { ClipEncoder, OpenClipEncoder } from './clip-encoder.ts';
export { CLIP_BLOCKS, CLIP_STATISTICS, CLIP_STATISTICS_VERSION, clipStatistics } from './clip-statistics.ts';
export { BEFORE_SAMPLES, WINDOW_SAMPLES, featuresOf, windowOf, type ClipInput } from './clip-window.ts';
export {
  CLIP_ENCODERS,
  clipEncoder,
  encodeSamples,
  loadClipEncoders,
  openClipEncoders,
  type LoadedClipEncoder,
  type OpenClipEncoders,
} from './open-clip-encoders.ts';
export { encoderFile, readEncoderWeights } from './weights.ts';
