export { HEAD_BYTES, recognise } from './format.ts';
export { STAGE_COLOUR, fit, openPicture, squash } from './picture.ts';
export type { FittedPicture, Picture, PictureSource, PixelSize } from './picture.ts';
