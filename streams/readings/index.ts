export { FeatureThreads } from './features.ts';
export type { FileReading } from './file-reading.ts';
export { readFiles, type FileRequest } from './files.ts';
export { kindOf } from './kind.ts';
export { ReadingStore } from './store.ts';
