export { byHand, HAND_SD, type FileMoods } from './file-moods.ts';
export { MoodsBeside, MOST_FAULTS_TOLD } from './moods-beside.ts';
export { MoodsEditor } from './moods-editor.ts';
export { defaultMoodsFile, MOODS_NAME, MoodsFile, MOST_MOODS_BYTES } from './moods-file.ts';
export { namedFiles } from './named-file.ts';
export { inLine, type HandMood, type MoodFault, type MoodsTable } from './table.ts';
