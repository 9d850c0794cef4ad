export { FirstCounts } from './first-counts.ts';
export { folderGallery, indexFolderOf } from './folder-gallery.ts';
export type {
  GalleryProvider,
  JudgedPictures,
  ListsByHand,
  MoodsByHand,
  OpenedGallery,
  ShowGallery,
} from './gallery.ts';
export { nothingToShow } from './nothing-to-show.ts';
export { pagesOf, type ShownGallery } from './pages.ts';
export { liveStates, type LiveState, type ShowEvent, type ShowStep } from './states.ts';
export { correctedIn, programStatus, withoutPaths, type LiveStatus } from './status.ts';
