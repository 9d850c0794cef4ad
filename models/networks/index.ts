export { evaluationLayers, inferenceLayers, prefixed, trainingLayers } from './layers.ts';
export type { DropoutMask, Layers, Weights } from './layers.ts';
export { resnet, resnetFeatures } from './resnet.ts';
export type { ResNetDepth } from './resnet.ts';
export {
  INCEPTION_SIDE,
  MIXED_CHANNELS,
  MIXED_LAYERS,
  inceptionFeatures,
  pixelPlanes,
  pooledStatistics,
  unsafeHead,
  unsafeProbability,
} from './inception.ts';
export type { MixedLayer } from './inception.ts';
export { nsfwjsWeights } from './nsfwjs.ts';
export { PictureTrunk } from './picture-trunk.ts';
export type { PictureTraits } from './picture-trunk.ts';
export {
  EFFICIENTNET_LITES,
  efficientNetLite,
  efficientNetLiteWidth,
  efficientNetPixels,
  invertedResidual,
} from './efficientnet-lite.ts';
export type { EfficientNetLite } from './efficientnet-lite.ts';
export { OPEN_NSFW_SIDE, OPEN_NSFW_WIDTH, openNsfw, openNsfwPixels } from './open-nsfw.ts';
export { initialState } from './initial.ts';
export { FEATURE_NORMALISATIONS, MEL_ROWS, torchvisionPixels } from './inputs.ts';
export * from './systems.ts';
export { PairScorer } from './pair-scorer.ts';
