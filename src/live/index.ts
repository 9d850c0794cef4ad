export { LiveShow, type GalleryProvider, type LiveShowOptions, type LiveStatus } from './show.ts';
export type { ShowGallery } from './live.ts';
export type { LiveState, ScreenState } from './states.ts';
