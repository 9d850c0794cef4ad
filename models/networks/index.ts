export { inferenceLayers, trainingLayers } from './layers.ts';
export type { Weights } from './layers.ts';
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
} from './inception.ts';
export type { MixedLayer } from './inception.ts';
export { nsfwjsWeights } from './nsfwjs.ts';
export { PictureTrunk } from './picture-trunk.ts';
export type { PictureTraits, PictureTrunkOptions } from './picture-trunk.ts';
export { initialState } from './initial.ts';
