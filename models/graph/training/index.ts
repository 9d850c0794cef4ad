export { trainBatchNorm } from '../normalisation.ts';
export { dropout, dropoutMask } from './dropout.ts';
export { gradients } from './gradients/gradients.ts';
export { peakBytes } from './memory.ts';
export { adamW, sgd, type Optimiser } from './optimisers.ts';
export { randomBits } from './random.ts';
export { APPLY, FIRST, LEARNING_RATE, STEP, TrainingGraph, type TrainableState } from './training-graph.ts';
