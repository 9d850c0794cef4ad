import {
  CLIP_SAMPLES,
  FRAME_COUNT,
  BINS_PER_OCTAVE,
  CHROMA,
  CQT_FRAME_SAMPLES,
  HALVE_REACH,
  OCTAVES,
  TUNING_STEPS,
  createChromaBank,
  createCqtFilters,
  createHalveTaps,
  createOctavePlans,
  createTonnetzBasis,
  pitchOfBin,
  tuningOfStep,
} from '../../features/index.ts';
import type { CqtFilters } from '../../features/index.ts';
import {
  add,
  concat,
  conv,
  gather,
  matmul,
  pad,
  reduceSum,
  reshape,
  slice,
  sqrt,
  square,
  sub,
  transpose,
} from '../../graph/index.ts';
import type { Graph, Tensor } from '../../graph/index.ts';
import { asRows, divideUnlessTiny, normalizeFrames } from './levels.ts';
import { tuningStep } from './pitch.ts';
import { BINS } from './spectrum.ts';

/** Tables for each step of the tuning, one after the other. */
function everyTuning(length: number, fill: (table: Float32Array, tuning: number) => void): Float32Array {
  const tables = new Float32Array(TUNING_STEPS * length);
  for (let step = 0; step < TUNING_STEPS; step++) {
    fill(tables.subarray(step * length, (step + 1) * length), tuningOfStep(step));
  }
  return tables;
}

/** `librosa.feature.chroma_stft(S=magnitude)`: from [batch, frames, 1025] to [batch, 12, 87]. */
export function chromaOfSpectrum(magnitude: Tensor): Tensor {
  const { graph } = magnitude;
  const banks = everyTuning(BINS * CHROMA, (table, tuning) => {
    table.set(createChromaBank(tuning));
  });
  const stored = graph.constant(graph.unusedName('chroma'), [TUNING_STEPS, BINS, CHROMA], banks);
  const bank = gather(stored, tuningStep(magnitude, CHROMA));
  return normalizeFrames(asRows(matmul(magnitude, bank)));
}

/** Bins of a CQT frame that any filter at any tuning uses: the first, and one past the last. */
function heardBins(filters: readonly CqtFilters[]): [number, number] {
  let [first, end] = [CQT_FRAME_SAMPLES, 0];
  for (const { firstBin, offset } of filters) {
    for (let i = 0; i < BINS_PER_OCTAVE; i++) {
      first = Math.min(first, firstBin[i]!);
      end = Math.max(end, firstBin[i]! + offset[i + 1]! - offset[i]!);
    }
  }
  return [first, end];
}

/** Samples of the lower rate in one row of the product. */
const HALVED_BLOCK = 64;

/** `librosa.resample(y, orig_sr=2, target_sr=1, scale=True)` of [batch, samples], by a matrix over blocks. */
function halveRate(signal: Tensor, matrix: Tensor): Tensor {
  const [batch, samples] = signal.shape as [number, number];
  const count = Math.ceil(samples / 2);
  const blocks = Math.ceil(count / HALVED_BLOCK);
  const hop = 2 * HALVED_BLOCK;
  const reach = matrix.shape[3]!;
  const behind = (blocks - 1) * hop + reach - HALVE_REACH - samples;
  const padded = pad(reshape(signal, [batch, 1, 1, samples]), [0, 0, 0, HALVE_REACH], [0, 0, 0, behind]);
  const halved = conv(padded, matrix, { strides: [1, hop] });
  const joined = reshape(transpose(reshape(halved, [batch, HALVED_BLOCK, blocks]), [0, 2, 1]), [batch, -1]);
  return slice(joined, [{ axis: 1, start: 0, end: count }]);
}

function halvingMatrix(graph: Graph): Tensor {
  const taps = createHalveTaps();
  const reach = 2 * HALVED_BLOCK - 1 + 2 * HALVE_REACH;
  const values = new Float32Array(HALVED_BLOCK * reach);
  for (let row = 0; row < HALVED_BLOCK; row++) {
    for (let k = -HALVE_REACH; k <= HALVE_REACH; k++) {
      values[row * reach + 2 * row + HALVE_REACH + k] = taps[Math.abs(k)]!;
    }
  }
  return graph.constant(graph.unusedName('halve'), [HALVED_BLOCK, 1, 1, reach], values);
}

/** Frames of a CQT's STFT into the bins [first, end): cosines, then minus sines, as the kernels of a convolution. */
function frameMatrix(graph: Graph, first: number, end: number): Tensor {
  const size = CQT_FRAME_SAMPLES;
  const count = end - first;
  const values = new Float32Array(2 * count * size);
  for (let bin = 0; bin < count; bin++) {
    for (let n = 0; n < size; n++) {
      const angle = (2 * Math.PI * (((first + bin) * n) % size)) / size;
      values[bin * size + n] = Math.cos(angle);
      values[(count + bin) * size + n] = -Math.sin(angle);
    }
  }
  return graph.constant(graph.unusedName('cqt/frames'), [2 * count, 1, 1, size], values);
}

/** For each tuning the 36 filters' real parts and then their imaginary ones, [100, 72, bins]. */
function filterTables(graph: Graph, first: number, end: number, filters: readonly CqtFilters[]): Tensor {
  const count = end - first;
  const values = new Float32Array(filters.length * 2 * BINS_PER_OCTAVE * count);
  filters.forEach(({ firstBin, offset, weights }, tuning) => {
    for (let row = 0; row < 2 * BINS_PER_OCTAVE; row++) {
      const filter = row % BINS_PER_OCTAVE;
      const part = row < BINS_PER_OCTAVE ? 0 : 1;
      const start = (tuning * 2 * BINS_PER_OCTAVE + row) * count + firstBin[filter]! - first;
      for (let i = offset[filter]!; i < offset[filter + 1]!; i++) {
        values[start + i - offset[filter]!] = weights[2 * i + part]!;
      }
    }
  });
  const shape = [filters.length, 2 * BINS_PER_OCTAVE, count];
  return graph.constant(graph.unusedName('cqt/filters'), shape, values);
}

/**
 * `librosa.feature.chroma_cqt(y)`, before its normalisation.
 * @param signal [batch, 44100]
 * @param magnitude of its spectrum, from which the tuning is estimated
 * @returns [batch, 12, 87]
 */
function constantQChroma(signal: Tensor, magnitude: Tensor): Tensor {
  const { graph } = signal;
  const batch = signal.shape[0]!;
  const filters = Array.from({ length: TUNING_STEPS }, (_, step) => createCqtFilters(tuningOfStep(step)));
  const [first, end] = heardBins(filters);
  const frames = frameMatrix(graph, first, end);
  const halving = halvingMatrix(graph);
  let octaveSignal = reshape(signal, [batch, CLIP_SAMPLES]);
  const spectra = createOctavePlans().map((plan, octave) => {
    if (octave > 0) octaveSignal = halveRate(octaveSignal, halving);
    const { hopSamples } = plan.frames;
    const before = CQT_FRAME_SAMPLES / 2;
    const behind = hopSamples * (FRAME_COUNT - 1) + CQT_FRAME_SAMPLES - before - plan.samples;
    const padded = pad(
      reshape(octaveSignal, [batch, 1, 1, plan.samples]),
      [0, 0, 0, before],
      [0, 0, 0, behind],
    );
    return conv(padded, frames, { strides: [1, hopSamples] });
  });
  const columns = OCTAVES * FRAME_COUNT;
  const count = end - first;
  // Real parts of all frames, then the imaginary ones.
  const joined = reshape(concat(spectra, 3), [batch, 2, count, columns]);
  const spectrum = reshape(transpose(joined, [0, 2, 1, 3]), [batch, count, 2 * columns]);
  const bank = gather(filterTables(graph, first, end, filters), tuningStep(magnitude, BINS_PER_OCTAVE));
  const products = matmul(bank, spectrum);
  const product = (filterPart: 0 | 1, framePart: 0 | 1): Tensor =>
    slice(products, [
      { axis: 1, start: filterPart * BINS_PER_OCTAVE, end: (filterPart + 1) * BINS_PER_OCTAVE },
      { axis: 2, start: framePart * columns, end: (framePart + 1) * columns },
    ]);
  const re = sub(product(0, 0), product(1, 1));
  const im = add(product(0, 1), product(1, 0));
  const magnitudes = sqrt(add(square(re), square(im)));

  const fold = new Float32Array(CHROMA * BINS_PER_OCTAVE);
  for (let bin = 0; bin < BINS_PER_OCTAVE; bin++) fold[pitchOfBin(bin) * BINS_PER_OCTAVE + bin] = 1;
  const folded = matmul(
    graph.constant(graph.unusedName('cqt/fold'), [CHROMA, BINS_PER_OCTAVE], fold),
    magnitudes,
  );
  return reduceSum(reshape(folded, [batch, CHROMA, OCTAVES, FRAME_COUNT]), [2]);
}

/**
 * `librosa.feature.tonnetz(y)` of a signal [batch, 44100], given the magnitudes of its spectrum
 * @returns [batch, 6, 87]
 */
export function tonnetz(signal: Tensor, magnitude: Tensor): Tensor {
  const { graph } = signal;
  const chroma = normalizeFrames(constantQChroma(signal, magnitude));
  const shares = divideUnlessTiny(chroma, reduceSum(chroma, [1], true));
  const basis = Float32Array.from(createTonnetzBasis());
  const rows = basis.length / CHROMA;
  return matmul(graph.constant(graph.unusedName('tonnetz'), [rows, CHROMA], basis), shares);
}
