export { byHand, HAND_SD, type FileMoods } from './file-moods.ts';
export { MoodsBeside } from './moods-beside.ts';
