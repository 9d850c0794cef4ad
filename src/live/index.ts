export { folderGallery, indexFolderOf } from './folder-gallery.ts';
export type { GalleryProvider, ShowGallery } from './gallery.ts';
export { demands, heardClip, matchedClip, matchEvent, rankedFor, type HeardClip } from './match.ts';
export { servedReplay, servedShow } from './served.ts';
export { LiveShow, type LiveStatus } from './show.ts';
export { liveStates, type LiveState } from './states.ts';
