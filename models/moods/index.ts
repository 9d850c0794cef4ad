export { byHand, FileMoods, HAND_SD } from './file-moods.ts';
export { MoodsBeside } from './moods-beside.ts';
export { MOST_FAULTS_TOLD, rowsThere, type RowThere } from './rows-there.ts';
export { MoodsEditor } from './moods-editor.ts';
export { defaultMoodsFile, MOODS_NAME, MoodsFile, MOST_MOODS_BYTES } from './moods-file.ts';
export { namedFiles } from './named-file.ts';
export { inLine, type HandMood, type MoodFault, type MoodRow, type MoodsTable } from './table.ts';
