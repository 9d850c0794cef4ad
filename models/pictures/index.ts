export { beginsAsPicture } from './begins.ts';
export { cut, fit, resizePixels, squash } from './decode.ts';
export type { FittedPicture, SquashedSize } from './decode.ts';
export { openPicture } from './picture.ts';
export type { Picture, PictureSource, PixelSize } from './picture.ts';
