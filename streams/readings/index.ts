export { FeatureThreads } from './features.ts';
export { readFiles, type FileReading, type FileRequest } from './files.ts';
export { kindOf } from './kind.ts';
export { ReadingStore } from './store.ts';
