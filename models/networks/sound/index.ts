export { createGraphExtractor, soundToEmbedding } from './extractor.ts';
