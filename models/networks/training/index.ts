export { evaluationLayers } from './evaluation-layers.ts';
export { initialState } from './initial.ts';
export { trainingLayers, type DropoutMask } from './training-layers.ts';
