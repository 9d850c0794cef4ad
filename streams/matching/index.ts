export { smoothMood, type ClipReading, type Felt, type MusicMood } from './mood.ts';
export type { RankedPicture, RankedPictures } from './pictures.ts';
export { rank, type Ranked, type RankRequest } from './rank.ts';
