export {
  allocatePictures,
  type CorrectedPictures,
  type LoadedPictures,
  type PictureAllocation,
  type RankedPicture,
  type RankedPictures,
} from './pictures.ts';
export { rank } from './rank.ts';
export type { Ranked, RankRequest } from './request.ts';
export { spreadOf, stretched, stretchFactor, type MoodSpread } from './stretch.ts';
