export { HEAD_BYTES as PICTURE_HEAD_BYTES, looksLikePicture } from './format.ts';
export { STAGE_COLOUR, openPicture, resizePixels, squash } from './picture.ts';
export type { Picture, PictureSource, PixelSize } from './picture.ts';
export { COLOUR_STATISTICS, colourStatistics } from './colour.ts';
