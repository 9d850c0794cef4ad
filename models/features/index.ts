import { FeatureExtractor } from './extractor.ts';
import { createWasmKernels } from './wasm.ts';

export { createTypescriptKernels, type FeatureKernels } from './kernels.ts';
export { magnitudes, stft } from './stft.ts';
export { FeatureExtractor, type FeatureStage } from './extractor.ts';
export { createWasmKernels } from './wasm.ts';
export * from './layout.ts';
export { logSpectrogram } from './spectrogram.ts';
export * from './tables.ts';
export { readNpy, writeNpy, type Matrix } from './npy.ts';

/**
 * An extractor of the 193 × 87 features, on the WebAssembly kernels. Its `extract` is synchronous. Make one for each
 * thread and keep it: it reuses its tables and arrays.
 *
 * @throws SynestheteError BROKEN_INSTALL when the kernels' file can't be loaded.
 */
export async function createFeatureExtractor(): Promise<FeatureExtractor> {
  return new FeatureExtractor(await createWasmKernels());
}
