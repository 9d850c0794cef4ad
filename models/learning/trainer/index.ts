export { engineOfCheckpoint } from './checkpoint.ts';
export type { SoundReader } from './media.ts';
export { completeSettings, readSettings } from './settings.ts';
export type { TrainingSettings } from './settings.ts';
export type { TrainingProgress } from './stage.ts';
export { CHECKPOINT_FILE, train } from './train.ts';
export type { TrainContext, TrainRequest, TrainResult, TrainSources } from './train.ts';
export type { Validation } from './validation.ts';
