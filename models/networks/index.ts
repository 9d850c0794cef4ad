export { inferenceLayers, type Weights } from './inference-layers.ts';
export { prefixed, type Layers } from './layers.ts';
export { resnet, resnetFeatures } from './resnet.ts';
export type { ResNetDepth } from './resnet.ts';
export {
  EFFICIENTNET_LITES,
  efficientNetLite,
  efficientNetLiteBlocks,
  efficientNetPixels,
  invertedResidual,
} from './efficientnet-lite.ts';
export type { EfficientNetLite } from './efficientnet-lite.ts';
export { OPEN_NSFW_SIDE, OPEN_NSFW_BLOCKS, openNsfw, openNsfwPixels } from './open-nsfw.ts';
export { FEATURE_NORMALISATIONS, MEL_ROWS, torchvisionPixels } from './inputs.ts';
export * from './systems.ts';
export { PairScorer } from './pair-scorer.ts';
export { unitRows } from './unit-length.ts';
