export { EMBEDDING_SIZE } from './model.ts';
export type { Model, Mood, PictureReading, Ranking, Reading } from './model.ts';
export { PLANE_RANKING, embeddingRanking, pictureVectors, predictorRanking } from './rankings.ts';
export { openTrainedModel, TRAINED_ARCHITECTURES } from './trained-model.ts';
