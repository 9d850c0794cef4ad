export type { GalleryProvider, PictureFiles, ShowGallery } from './gallery.ts';
export { heardClip, demands, matchedClip, matchEvent, rankedFor, type HeardClip } from './match.ts';
export { LiveShow, type LiveShowOptions, type LiveStatus } from './show.ts';
export { liveStates, type LiveState, type ScreenState } from './states.ts';
