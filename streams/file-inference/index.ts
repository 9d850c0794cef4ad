export { FeatureProcesses } from './feature-processes.ts';
export type { FilePrediction } from './file-prediction.ts';
export { readFiles, type FileRequest } from './files.ts';
export { kindOf } from './kind.ts';
export { PredictionStore } from './store.ts';
