export { byHand, HAND_SD, type FileMoods } from './file-moods.ts';
export { MoodsBeside, MOODS_FILE, readMoods } from './moods-beside.ts';
