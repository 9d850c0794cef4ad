import {
  FRAME_COUNT,
  FRAME_SAMPLES,
  HOP_SAMPLES,
  CLIP_SAMPLES,
  createFramePlan,
  hannWindow,
  windowSumSquares,
} from '../../features/index.ts';
import {
  abs,
  add,
  concat,
  div,
  matmul,
  mul,
  pad,
  reduceMax,
  reshape,
  reverse,
  slice,
  sub,
} from '../../graph/index.ts';
import type { Graph, Tensor } from '../../graph/index.ts';

const HALF = FRAME_SAMPLES / 2;
/** Bins of a spectrum. */
export const BINS = HALF + 1;
const BLOCKS = FRAME_COUNT - 1 + FRAME_SAMPLES / HOP_SAMPLES;
const PADDED_SAMPLES = BLOCKS * HOP_SAMPLES;

/** Real and imaginary parts, each [batch, frames, bins]. */
export interface Spectrum {
  readonly re: Tensor;
  readonly im: Tensor;
}

/**
 * Frames are folded about their middle: the window and the cosines are even about it, the sines odd. So rows n = 1 …
 * 1024 of the matrices serve both samples n and 2048 − n (sample 0 has the weight 0), and a transform needs half of the
 * products. Values of `at(n, bin)`, n counted from 1.
 */
function table(rows: number, columns: number, at: (row: number, column: number) => number): Float64Array {
  const values = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) values[row * columns + column] = at(row, column);
  }
  return values;
}

const cosines = Float64Array.from({ length: FRAME_SAMPLES }, (_, i) =>
  Math.cos((2 * Math.PI * i) / FRAME_SAMPLES),
);
const cosine = (turns: number): number => cosines[turns % FRAME_SAMPLES]!;
const sine = (turns: number): number => cosines[(turns + (3 * FRAME_SAMPLES) / 4) % FRAME_SAMPLES]!;

/** The windowed cosine and minus sine matrices [1024, 1025] of the folded frame. */
function forwardTables(): [Float64Array, Float64Array] {
  const window = hannWindow(FRAME_SAMPLES);
  // Sample 1024 is its own mirror image, so it counts twice.
  const weight = (n: number): number => (n === HALF ? window[n]! / 2 : window[n]!);
  return [
    table(HALF, BINS, (row, bin) => weight(row + 1) * cosine((row + 1) * bin)),
    table(HALF, BINS, (row, bin) => (row + 1 === HALF ? 0 : -weight(row + 1) * sine((row + 1) * bin))),
  ];
}

/** The inverse: [1025, 1024], windowed once more. */
function inverseTables(): [Float64Array, Float64Array] {
  const window = hannWindow(FRAME_SAMPLES);
  const share = (bin: number): number => (bin === 0 || bin === HALF ? 1 : 2) / FRAME_SAMPLES;
  return [
    table(BINS, HALF, (bin, column) => share(bin) * window[column + 1]! * cosine((column + 1) * bin)),
    table(BINS, HALF, (bin, column) => -share(bin) * window[column + 1]! * sine((column + 1) * bin)),
  ];
}

function matrix(graph: Graph, name: string, rows: number, values: ArrayLike<number>): Tensor {
  return graph.constant(
    graph.unusedName(name),
    [rows, values.length / rows],
    values instanceof Float32Array ? values : Float32Array.from(values),
  );
}

/** Frames of [batch, samples], folded: sums and differences of the samples n and 2048 − n, [batch, frames, 1024]. */
function foldedFrames(samples: Tensor): { even: Tensor; odd: Tensor } {
  const batch = samples.shape[0]!;
  const padded = pad(samples, [0, HALF], [0, PADDED_SAMPLES - HALF - CLIP_SAMPLES]);
  const shifted = slice(pad(padded, [0, 0], [0, 1]), [{ axis: 1, start: 1, end: PADDED_SAMPLES + 1 }]);
  const blocksOf = (x: Tensor): Tensor => reshape(x, [batch, BLOCKS, HOP_SAMPLES]);
  const take = (blocks: Tensor, first: number): Tensor =>
    slice(blocks, [{ axis: 1, start: first, end: first + FRAME_COUNT }]);
  const forwards = blocksOf(shifted);
  const backwards = reverse(blocksOf(padded), [2]);
  const before = concat([take(forwards, 0), take(forwards, 1)], 2);
  const behind = concat([take(backwards, 3), take(backwards, 2)], 2);
  return { even: add(before, behind), odd: sub(before, behind) };
}

/**
 * `librosa.stft(y)` by matrix products in float32 alone: accurate to about 1e-8 of a frame's loudest bin.
 * @param samples [batch, 44100]
 */
export function spectrum(samples: Tensor): Spectrum {
  const { graph } = samples;
  const { even, odd } = foldedFrames(samples);
  const [cos, sin] = forwardTables();
  return {
    re: matmul(even, matrix(graph, 'cos', HALF, cos)),
    im: matmul(odd, matrix(graph, 'sin', HALF, sin)),
  };
}

/** Bits by which each part of a split number is finer than the previous one. */
const PART_BITS = 8;
/** Bits of a float32's fraction. */
const FRACTION_BITS = 23;

/**
 * Samples split into parts, stacked along the batch: multiples of about 1/256 of a clip's loudest sample, of 1/256 of
 * that and so on, and the rest.
 * @param samples [batch, samples]
 * @returns [parts · batch, samples]
 */
export function splitSamples(samples: Tensor, parts: number): Tensor {
  const loudest = reduceMax(abs(samples), [1], true);
  const split: Tensor[] = [];
  let rest = samples;
  for (let part = 1; part < parts; part++) {
    // Adding and subtracting a number of this size rounds to its last digit.
    const anchor = mul(loudest, 1.5 * 2 ** (FRACTION_BITS - PART_BITS * part));
    const rounded = sub(add(rest, anchor), anchor);
    split.push(rounded);
    rest = sub(rest, rounded);
  }
  return concat([...split, rest], 0);
}

/**
 * Products of frames with a matrix: with two parts exact to about 1e-10 of a frame's largest one, by three products;
 * with three parts to about 1e-11 and the rounding of the result, by six. Spectral contrast and decibels compare bins
 * with others a million times as loud, whose rounding errors would drown them: so samples and matrices are split into
 * parts of 9 bits on grids, whose products add up without rounding, and a small rest (Ozaki, Ogita, Oishi and Rump,
 * "Error-free transformations of matrix multiplication by using fast routines of matrix multiplication", 2012).
 * @param frames [parts · batch, frames, rows] of `splitSamples`
 * @param exact [rows, columns], each in [-1, 1]
 * @returns [batch, frames, columns]
 */
export function preciseProduct(frames: Tensor, parts: number, name: string, exact: Float64Array): Tensor {
  const { graph } = frames;
  const [batch, rows] = [frames.shape[0]! / parts, frames.shape[2]!];
  const partsOf = (x: Tensor): Tensor[] =>
    Array.from({ length: x.shape[0]! / batch }, (_, part) =>
      slice(x, [{ axis: 0, start: part * batch, end: (part + 1) * batch }]),
    );
  /** Products ordered by size. */
  const products: Tensor[][] = Array.from({ length: parts }, () => []);
  let left = frames;
  let rest = exact;
  for (let part = 0; part < parts; part++) {
    const grid = 2 ** (-PART_BITS * (part + 1));
    const taken = part === parts - 1 ? rest : rest.map((value) => Math.round(value / grid) * grid);
    rest = rest.map((value, i) => value - taken[i]!);
    partsOf(matmul(left, matrix(graph, name, rows, taken))).forEach((product, i) => {
      products[part + i]!.push(product);
    });
    // The finer the part of the matrix, the fewer parts of the samples matter.
    const separate = partsOf(left);
    if (separate.length > 1)
      left = concat([...separate.slice(0, -2), add(separate.at(-2)!, separate.at(-1)!)], 0);
  }
  return products.map((sameSize) => sameSize.reduce(add)).reduceRight((sum, larger) => add(larger, sum));
}

/**
 * The same as `spectrum` to about 1e-10 of the loudest bin; see `preciseProduct`.
 * @param samples [batch, 44100]
 */
export function preciseSpectrum(samples: Tensor): Spectrum {
  const { even, odd } = foldedFrames(splitSamples(samples, 2));
  const [cos, sin] = forwardTables();
  return { re: preciseProduct(even, 2, 'cos', cos), im: preciseProduct(odd, 2, 'sin', sin) };
}

/**
 * `librosa.istft(D, length=44100)`
 * @returns [batch, 44100]
 */
export function inverseSpectrum({ re, im }: Spectrum): Tensor {
  const { graph } = re;
  const batch = re.shape[0]!;
  const [cos, sin] = inverseTables();
  const even = matmul(re, matrix(graph, 'inverse/cos', BINS, cos));
  const odd = matmul(im, matrix(graph, 'inverse/sin', BINS, sin));
  const before = slice(add(even, odd), [{ axis: 2, start: 0, end: HALF - 1 }]);
  const halves = [pad(before, [0, 0, 1], [0, 0, 0]), reverse(sub(even, odd), [2])];
  const blocks = halves.flatMap((half) =>
    [0, HOP_SAMPLES].map((start) => slice(half, [{ axis: 2, start, end: start + HOP_SAMPLES }])),
  );
  const added = blocks
    .map((block, first) => pad(block, [0, first, 0], [0, BLOCKS - FRAME_COUNT - first, 0]))
    .reduce((sum, block) => add(sum, block));
  const padded = reshape(added, [batch, PADDED_SAMPLES]);
  const clip = slice(padded, [{ axis: 1, start: HALF, end: HALF + CLIP_SAMPLES }]);
  const sums = windowSumSquares(createFramePlan(HOP_SAMPLES, FRAME_COUNT, hannWindow(FRAME_SAMPLES)));
  const divisors = sums.slice(HALF, HALF + CLIP_SAMPLES);
  return div(clip, graph.constant(graph.unusedName('inverse/windows'), [1, CLIP_SAMPLES], divisors));
}
