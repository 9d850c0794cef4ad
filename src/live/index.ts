export { folderGallery, indexFolderOf } from './folder-gallery.ts';
export type { GalleryProvider, OpenedGallery, ShowGallery } from './gallery.ts';
export { demands, heardClip, matchedClip, matchEvent, type HeardClip } from './match.ts';
export { nothingToShow } from './nothing-to-show.ts';
export { servedReplay, servedShow } from './served.ts';
export { LiveShow } from './show.ts';
export type { LiveShowOptions } from './beginning.ts';
export type { LiveStatus } from './status.ts';
export { liveStates, type LiveState } from './states.ts';
