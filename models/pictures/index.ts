export { STAGE_COLOUR, openPicture, squash } from './picture.ts';
export type { Picture, PictureSource, PixelSize } from './picture.ts';
