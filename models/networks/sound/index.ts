export { createGraphExtractor, repeatedPlanes, soundToEmbedding } from './extractor.ts';
export { featuresOfSamples } from './features.ts';
export { logSpectrogramOfSamples } from './log-spectrogram.ts';
