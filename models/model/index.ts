export type { ClipInput } from '../encoders/index.ts';
export {
  ATTENTION_SPAN_SECONDS,
  attentionWeight,
  cosine,
  PLAIN_ATTENTION,
  unitVector,
  type Attention,
} from './attention.ts';
export { expectedDistance } from './expected-distance.ts';
export { explain, type Explanation } from './explanation.ts';
export { fingerprintOf } from './fingerprint.ts';
export { EMBEDDING_SIZE, UNSAFE_THRESHOLD } from './model.ts';
export type {
  Model,
  ModelGraphs,
  PicturePrediction,
  Ranking,
  Prediction,
  RefinedPredictions,
} from './model.ts';
export type { Mood } from './mood.ts';
export { isModelIn } from './present.ts';
export { embeddingRanking, PLANE_RANKING, pictureVectors, predictorRanking } from './rankings.ts';
