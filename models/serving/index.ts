export { EMBEDDING_SIZE } from './model.ts';
export type { Model, ModelGraphs, Mood, PictureReading, Ranking, Reading } from './model.ts';
export type { ClipInput } from '../encoders/index.ts';
export {
  ATTENTION_SPAN_SECONDS,
  attentionWeight,
  cosine,
  PLAIN_ATTENTION,
  unitVector,
  type Attention,
} from './attention.ts';
export { explain, type Explanation } from './explanation.ts';
export type { Architectures } from './architectures.ts';
export { fingerprintOf } from './fingerprint.ts';
export { bundledDescription, openModel } from './open.ts';
export { PLANE_RANKING, embeddingRanking, pictureVectors, predictorRanking } from './rankings.ts';
