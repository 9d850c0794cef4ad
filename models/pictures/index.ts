export { HEAD_BYTES as PICTURE_HEAD_BYTES, looksLikePicture } from './format.ts';
export { STAGE_COLOUR, fit, openPicture, resizePixels, squash } from './picture.ts';
export type { FittedPicture, Picture, PictureSource, PixelSize, SquashedSize } from './picture.ts';
