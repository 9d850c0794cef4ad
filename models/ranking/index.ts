export {
  allocatePictures,
  type CorrectedPictures,
  type LoadedPictures,
  type PictureAllocation,
  type RankedPicture,
  type RankedPictures,
} from './pictures.ts';
export { rank, type Ranked, type RankRequest } from './rank.ts';
export { spreadOf, stretched, stretchFactor, type MoodSpread } from './stretch.ts';
