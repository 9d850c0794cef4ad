export { ENCODER_INPUT, PICTURE_ENCODER_NAMES, PICTURE_SQUARE } from './encoder.ts';
export type { PictureEncoderName, PictureFeatures } from './encoder.ts';
export { PICTURE_ENCODERS } from './picture-encoders.ts';
export { PictureEncoding } from './encode-pictures.ts';
export type { EncodedPicture } from './encode-pictures.ts';
export { encoderFingerprint, readEncoderWeights } from './weights.ts';
export { inspectOnnxEncoder } from './onnx/inspect.ts';
export type { GivenEncoder } from './onnx/input.ts';
export { OnnxEncoder } from './onnx/onnx-encoder.ts';
export type { OnnxEncoderFile } from './onnx/onnx-encoder.ts';
export { onnxEncoderIdentity, onnxEncoderSchema, pictureSquare } from './onnx/settings.ts';
export type { OnnxEncoderSettings } from './onnx/settings.ts';
export { CLIP_BLOCKS, CLIP_STATISTICS } from './clip-statistics.ts';
export { WINDOW_SAMPLES, featuresOf, windowOf, type ClipInput } from './clip-window.ts';
export {
  CLIP_ENCODERS,
  encodeSamples,
  loadClipEncoders,
  openClipEncoders,
  type LoadedClipEncoder,
  type OpenClipEncoders,
} from './open-clip-encoders.ts';
