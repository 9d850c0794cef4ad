export { EMBEDDING_SIZE } from './model.ts';
export type { Model, ModelGraphs, Mood, PictureReading, Ranking, Reading } from './model.ts';
export type { Architectures, Opener } from './architectures.ts';
export { fingerprintOf, openModel } from './open.ts';
