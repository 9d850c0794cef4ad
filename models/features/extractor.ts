import { SynestheteError } from '../errors.ts';
import { CHROMA, createChromaBank, normalizeFrames } from './chroma.ts';
import { createContrastBands, spectralContrast } from './contrast.ts';
import {
  BINS_PER_OCTAVE,
  CQT_FRAME_SAMPLES,
  createCqtFilters,
  createOctavePlans,
  type CqtFilters,
} from './cqt.ts';
import { powerToDecibels } from './decibels.ts';
import type { FeatureKernels } from './kernels.ts';
import {
  CLIP_SAMPLES,
  FEATURE_GROUPS,
  FEATURE_ROWS,
  FRAME_COUNT,
  FRAME_SAMPLES,
  HOP_SAMPLES,
  type FeatureRows,
} from './layout.ts';
import { createMelBank } from './mel.ts';
import { createDct, mfccFromDecibels } from './mfcc.ts';
import { createHalveTaps } from './resample.ts';
import { createFramePlan, paddedSamples, windowSumSquares } from './stft.ts';
import { createTonnetzBasis, foldOctave, tonnetzOfChroma } from './tonnetz.ts';
import { createPitchPeaks, pitchTuningStep, trackPitches, tuningOfStep } from './tuning.ts';
import { hannWindow } from './window.ts';

const BINS = FRAME_SAMPLES / 2 + 1;
const FRAMES = FRAME_COUNT;

/** Stages of an extraction in their order, for measuring them. */
export type FeatureStage =
  'stft' | 'mel' | 'mfcc' | 'chroma' | 'contrast' | 'harmonic' | 'tuning' | 'cqt' | 'tonnetz';

export interface ExtractOptions {
  /** Filled and returned; by default a new array. */
  readonly matrix?: Float32Array;
  /** By default all rows. */
  readonly rows?: FeatureRows;
  /** Called after each stage. */
  readonly onStage?: (stage: FeatureStage) => void;
}

/**
 * Computes the matrix of a clip; made by `createFeatureExtractor`. It reuses its plans and arrays, so each thread needs
 * its own.
 */
export class FeatureExtractor {
  readonly #kernels: FeatureKernels;
  readonly #frames = createFramePlan(HOP_SAMPLES, FRAMES, hannWindow(FRAME_SAMPLES));
  readonly #windowSums = windowSumSquares(this.#frames);
  readonly #melBank = createMelBank();
  readonly #dct = createDct(40, this.#melBank.bands);
  readonly #contrastBands = createContrastBands();
  readonly #octaves = createOctavePlans();
  readonly #halveTaps = createHalveTaps();
  readonly #tonnetzBasis = createTonnetzBasis();
  readonly #peaks = createPitchPeaks(FRAMES);
  readonly #chromaBanks = new Map<number, Float32Array>();
  readonly #cqtFilters = new Map<number, CqtFilters>();

  readonly #padded: Float32Array;
  readonly #spectrum: Float32Array;
  readonly #magnitude: Float32Array;
  readonly #mel: Float32Array;
  readonly #chroma: Float32Array;
  readonly #harmonic: Float32Array;
  readonly #percussive: Float32Array;
  readonly #signals: readonly Float32Array[];
  readonly #octaveSpectrum: Float32Array;
  readonly #octaveMagnitude: Float32Array;

  constructor(kernels: FeatureKernels) {
    this.#kernels = kernels;
    this.#padded = kernels.allocate(paddedSamples(this.#frames));
    this.#spectrum = kernels.allocate(FRAMES * BINS * 2);
    this.#magnitude = kernels.allocate(FRAMES * BINS);
    this.#mel = kernels.allocate(FRAMES * this.#melBank.bands);
    this.#chroma = kernels.allocate(FRAMES * CHROMA);
    this.#harmonic = kernels.allocate(FRAMES * BINS);
    this.#percussive = kernels.allocate(FRAMES * BINS);
    this.#signals = this.#octaves.map((octave) => kernels.allocate(octave.padded));
    this.#octaveSpectrum = kernels.allocate(FRAMES * (CQT_FRAME_SAMPLES + 2));
    this.#octaveMagnitude = kernels.allocate(FRAMES * BINS_PER_OCTAVE);
  }

  /**
   * The 193 × 87 features of one clip, row by row (see FEATURE_GROUPS), equal to librosa 0.11.0's. One exception: when
   * the CQT of the harmonic part sees only digital silence after a sound in the same clip, librosa scales rounding
   * errors of its resampler up to a full chroma. Here such frames are 0, or hold other rounding errors.
   *
   * @param clip 44,100 samples, mono, 22,050 Hz, full scale ±1.
   * @throws SynestheteError BAD_SAMPLES when the clip has another length or a sample that is not a finite number.
   */
  extract(
    clip: Float32Array,
    { matrix = new Float32Array(FEATURE_ROWS * FRAMES), rows = 'all', onStage }: ExtractOptions = {},
  ): Float32Array {
    checkClip(clip);
    if (matrix.length !== FEATURE_ROWS * FRAMES) {
      throw new RangeError(`features need room for ${FEATURE_ROWS * FRAMES} numbers, not ${matrix.length}`);
    }
    const kernels = this.#kernels;
    const rowsOf = (name: (typeof FEATURE_GROUPS)[number]['name']): Float32Array => {
      const group = FEATURE_GROUPS.find((candidate) => candidate.name === name)!;
      return matrix.subarray(group.first * FRAMES, (group.first + group.rows) * FRAMES);
    };

    this.#padded.fill(0);
    this.#padded.set(clip, FRAME_SAMPLES / 2);
    kernels.stft(this.#frames, this.#padded, this.#spectrum);
    kernels.magnitudes(this.#spectrum, this.#magnitude);
    onStage?.('stft');

    kernels.melSpectrogram(this.#melBank, this.#magnitude, FRAMES, this.#mel);
    transpose(this.#mel, this.#melBank.bands, rowsOf('mel'));
    onStage?.('mel');

    powerToDecibels(this.#mel);
    mfccFromDecibels(this.#dct, this.#mel, FRAMES, rowsOf('mfcc'));
    onStage?.('mfcc');

    trackPitches(this.#magnitude, FRAMES, this.#peaks);
    const chromaBank = this.#chromaBankAt(pitchTuningStep(this.#peaks, CHROMA));
    kernels.projectChroma(chromaBank, this.#magnitude, FRAMES, this.#chroma);
    normalizeFrames(this.#chroma);
    transpose(this.#chroma, CHROMA, rowsOf('chroma'));
    onStage?.('chroma');

    spectralContrast(this.#contrastBands, this.#magnitude, FRAMES, rowsOf('contrast'));
    onStage?.('contrast');
    if (rows === 'without-tonnetz') {
      rowsOf('tonnetz').fill(0);
      return matrix;
    }

    this.#separateHarmonic();
    onStage?.('harmonic');

    // From here on, only the harmonic part: its own spectrum, tuning and CQT.
    kernels.stft(this.#frames, this.#padded, this.#spectrum);
    kernels.magnitudes(this.#spectrum, this.#magnitude);
    trackPitches(this.#magnitude, FRAMES, this.#peaks);
    const filters = this.#cqtFiltersAt(pitchTuningStep(this.#peaks, BINS_PER_OCTAVE));
    onStage?.('tuning');

    this.#constantQChroma(filters);
    onStage?.('cqt');

    tonnetzOfChroma(this.#tonnetzBasis, this.#chroma, FRAMES, rowsOf('tonnetz'));
    onStage?.('tonnetz');
    return matrix;
  }

  /** `librosa.effects.harmonic(y)`: from the spectrum of the clip to its harmonic part, padded as the clip was. */
  #separateHarmonic(): void {
    const kernels = this.#kernels;
    kernels.medianAcrossFrames(this.#magnitude, FRAMES, BINS, this.#harmonic);
    kernels.medianAcrossBins(this.#magnitude, FRAMES, BINS, this.#percussive);
    kernels.maskHarmonic(this.#spectrum, this.#magnitude, this.#harmonic, this.#percussive, this.#spectrum);
    kernels.overlapAdd(this.#frames, this.#spectrum, this.#padded);
    const first = FRAME_SAMPLES / 2;
    this.#padded.fill(0, 0, first);
    this.#padded.fill(0, first + CLIP_SAMPLES);
    for (let n = first; n < first + CLIP_SAMPLES; n++) this.#padded[n]! /= this.#windowSums[n]!;
  }

  /** `librosa.feature.chroma_cqt` of the padded signal, octave by octave from the highest down. */
  #constantQChroma(filters: CqtFilters): void {
    const kernels = this.#kernels;
    const [highest] = this.#octaves;
    const clip = this.#padded.subarray(FRAME_SAMPLES / 2, FRAME_SAMPLES / 2 + CLIP_SAMPLES);
    this.#signals[0]!.set(clip, highest!.first);
    this.#chroma.fill(0);
    for (const [i, octave] of this.#octaves.entries()) {
      const signal = this.#signals[i]!;
      if (i > 0) {
        const above = this.#octaves[i - 1]!;
        kernels.halveRate(
          this.#halveTaps,
          this.#signals[i - 1]!,
          above.first,
          above.samples,
          signal,
          octave.first,
        );
      }
      kernels.stft(octave.frames, signal, this.#octaveSpectrum);
      kernels.projectOctave(filters, this.#octaveSpectrum, FRAMES, this.#octaveMagnitude);
      foldOctave(this.#octaveMagnitude, FRAMES, this.#chroma);
    }
    normalizeFrames(this.#chroma);
  }

  #chromaBankAt(step: number | undefined): Float32Array {
    return cached(this.#chromaBanks, step, createChromaBank);
  }

  #cqtFiltersAt(step: number | undefined): CqtFilters {
    return cached(this.#cqtFilters, step, createCqtFilters);
  }
}

/** Tables for a step of the tuning, made on first use: music uses few of them. */
function cached<T>(made: Map<number, T>, step: number | undefined, make: (tuning: number) => T): T {
  const tuning = step === undefined ? 0 : tuningOfStep(step);
  let value = made.get(tuning);
  if (value === undefined) {
    value = make(tuning);
    made.set(tuning, value);
  }
  return value;
}

/** @throws SynestheteError BAD_SAMPLES when the clip has another length or a sample that is not a finite number. */
export function checkClip(clip: Float32Array): void {
  if (clip.length !== CLIP_SAMPLES) {
    throw new SynestheteError(
      'BAD_SAMPLES',
      `the clip has ${clip.length} samples, ${CLIP_SAMPLES} are needed: cut it to 2 s at 22,050 Hz mono`,
    );
  }
  for (let n = 0; n < clip.length; n++) {
    if (!Number.isFinite(clip[n]!)) {
      throw new SynestheteError(
        'BAD_SAMPLES',
        `sample ${n} of the clip is ${clip[n]!}: features need finite numbers, check what the source delivers`,
      );
    }
  }
}

/** From frames × columns to columns × frames. */
function transpose(values: Float32Array, columns: number, transposed: Float32Array): void {
  const rows = values.length / columns;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      transposed[column * rows + row] = values[row * columns + column]!;
    }
  }
}
