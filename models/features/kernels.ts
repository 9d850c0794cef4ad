import { projectChroma } from './chroma.ts';
import { projectOctave } from './cqt.ts';
import { maskHarmonic, medianAcrossBins, medianAcrossFrames } from './hpss.ts';
import { melSpectrogram } from './mel.ts';
import { halveRate } from './resample.ts';
import { magnitudes, overlapAdd, stft } from './stft.ts';

/** The stages that take nearly all of the time, and the memory that they work on. */
export interface FeatureKernels {
  readonly name: 'wasm' | 'typescript';
  /** An array of zeros in memory that these kernels can reach. */
  allocate(length: number): Float32Array;
  readonly stft: typeof stft;
  readonly overlapAdd: typeof overlapAdd;
  readonly magnitudes: typeof magnitudes;
  readonly melSpectrogram: typeof melSpectrogram;
  readonly projectChroma: typeof projectChroma;
  readonly medianAcrossFrames: typeof medianAcrossFrames;
  readonly medianAcrossBins: typeof medianAcrossBins;
  readonly maskHarmonic: typeof maskHarmonic;
  readonly halveRate: typeof halveRate;
  readonly projectOctave: typeof projectOctave;
}

/** The stages in TypeScript, the reference for tests of the WebAssembly kernels. */
export function createTypescriptKernels(): FeatureKernels {
  return {
    name: 'typescript',
    allocate: (length) => new Float32Array(length),
    stft,
    overlapAdd,
    magnitudes,
    melSpectrogram,
    projectChroma,
    medianAcrossFrames,
    medianAcrossBins,
    maskHarmonic,
    halveRate,
    projectOctave,
  };
}
