export { buildImemnet, type CorpusRange, type Imemnet, type ImemnetOptions } from './imemnet.ts';
export {
  assertNoOverlap,
  findOverlaps,
  formatPairs,
  readPairs,
  type SimilarityPair,
  type SplitOverlap,
} from './pair-file.ts';
export { IMEMNET_PAIRS, samplePairs, type PairCounts, type SampledPair } from './sample-pairs.ts';
export { drawSplits } from './splits.ts';
