export { beginsAsPicture } from './begins.ts';
export { fit, openPicture, resizePixels, squash } from './picture.ts';
export type { FittedPicture, Picture, PictureSource, PixelSize, SquashedSize } from './picture.ts';
