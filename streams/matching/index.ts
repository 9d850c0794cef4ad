export {
  smoothMood,
  smoothStep,
  type ClipReading,
  type Felt,
  type MusicMood,
  type Smoothed,
} from './mood.ts';
export type { RankedPicture, RankedPictures } from './pictures.ts';
export { rank, type Ranked, type RankRequest } from './rank.ts';
