export { FeatureThreads } from './features.ts';
export { readFiles, type FileReading, type FileRequest } from './files.ts';
export { ReadingStore } from './store.ts';
