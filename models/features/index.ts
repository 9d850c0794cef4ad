export { FeatureExtractor, type FeatureStage } from './extractor.ts';
export { createTypescriptKernels, type FeatureKernels } from './kernels.ts';
export * from './layout.ts';
