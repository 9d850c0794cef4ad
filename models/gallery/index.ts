export { indexGallery, type IndexOptions, type IndexReport } from './build.ts';
export { indexedPictures, type IndexedPicture } from './embeddings.ts';
export { type Gallery, openGallery } from './gallery.ts';
export { defaultIndexFolder, RENDITION_SIDE, THUMBNAIL_SIDE } from './layout.ts';
export { RenditionStore, type ScreenRendition } from './renditions/index.ts';
export { scanGallery } from './scan.ts';
export type { CorrectedMood, Picture, Snapshot } from './snapshot.ts';
export { watchGallery } from './watch.ts';
