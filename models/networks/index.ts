export { inferenceLayers, trainingLayers } from './layers.ts';
export type { Weights } from './layers.ts';
export { resnet, resnetFeatures } from './resnet.ts';
export type { ResNetDepth } from './resnet.ts';
export { initialState } from './initial.ts';
