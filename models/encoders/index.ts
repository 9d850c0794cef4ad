export { ENCODER_INPUT, PICTURE_ENCODER_NAMES, PICTURE_SQUARE } from './encoder.ts';
export type { PictureEncoder, PictureEncoderName, PictureFeatures } from './encoder.ts';
export { PICTURE_ENCODERS } from './picture-encoders.ts';
export { PictureEncoding } from './encode-pictures.ts';
export type { EncodedPicture } from './encode-pictures.ts';
export { encoderFingerprint, readEncoderWeights } from './weights.ts';
