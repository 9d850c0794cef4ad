export { DEAM_FIRST_SECONDS, readDeamClips, readDeamSongs } from './deam.ts';
export { readEmotic } from './emotic.ts';
export { readIaps } from './iaps.ts';
export { readNaps } from './naps.ts';
export { readOasis } from './oasis.ts';
export { findMedia, type MediaKind, type RatedItem } from './rated-item.ts';
