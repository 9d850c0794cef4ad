export { createGraphExtractor, repeatedPlanes, soundToEmbedding } from './extractor.ts';
export { logSpectrogramOfSamples } from './log-spectrogram.ts';
