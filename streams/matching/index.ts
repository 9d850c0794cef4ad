export {
  smoothMood,
  smoothStep,
  type ClipReading,
  type Felt,
  type MusicMood,
  type Smoothed,
} from './mood.ts';
export {
  roomForPictures,
  type LoadedPictures,
  type PictureRoom,
  type RankedPicture,
  type RankedPictures,
} from './pictures.ts';
export { rank, type Ranked, type RankRequest } from './rank.ts';
