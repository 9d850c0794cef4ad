export { buildImemnet, type Imemnet } from './imemnet.ts';
export { clipId, indexPairs, pictureId, type IndexedPair } from './listed-pairs.ts';
export { assertNoOverlap, findOverlaps, formatPairs, readPairs, type SimilarityPair } from './pair-file.ts';
export { releasedImemnet, type Released, type ReleasedLists } from './released.ts';
export { IMEMNET_PAIRS, samplePairs } from './sample-pairs.ts';
export { drawSplits } from './splits.ts';
