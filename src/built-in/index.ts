/* What comes with the program: music, pictures with their index, and the pages. */
export { BUNDLED_MUSIC, galleryPlace, ownMoodsFile, type GalleryPlace } from './gallery-place.ts';
export { staticFolder } from './web-client.ts';
