export { createGraphExtractor, repeatedPlanes, soundToEmbedding } from './extractor.ts';
