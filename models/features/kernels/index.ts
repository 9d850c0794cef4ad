/**
 * AssemblyScript: the stages of models/features in which the time goes, with SIMD. Each function does the same
 * operations in the same order as the TypeScript function that it is named after, so that results are equal bit for
 * bit. Pointers come from the caller, who shares out the memory from `heapBase` on; nothing is allocated here.
 */
export { stft, overlapAdd, magnitudes } from './frames';
export { medianAcrossFrames, medianAcrossBins, medianScratchBytes } from './median';
export { maskHarmonic } from './mask';
export { halveRate } from './halve';
export { projectChroma, projectOctave, melSpectrogram } from './project';

/** First byte of the memory that the caller may use. */
export function heapBase(): usize {
  return __heap_base;
}
