export { engineOfCheckpoint } from './checkpoint.ts';
export { completeSettings, readSettings } from './settings.ts';
export { CHECKPOINT_FILE, train } from './train.ts';
export type { SoundReader } from './media.ts';
export { readRated } from './lists.ts';
export type { JudgedSplit } from './lists.ts';
export type { TrainContext, TrainRequest, TrainResult, TrainSources } from './request.ts';
export { variedPicture } from './augment.ts';
