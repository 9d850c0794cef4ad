import * as g from '../../../../models/graph/index.ts';
import type { GradientCase } from '../helpers.ts';

/** Away from a kink at 0, where a difference would straddle it. */
const offZero = (value: number): number => value + Math.sign(value) * 0.1;
const positive = (value: number): number => 1.5 + value;

const elementwise: GradientCase[] = [
  { name: 'relu', shapes: [[3, 5]], build: (_, x) => g.relu(x), spread: offZero },
  { name: 'sigmoid', shapes: [[3, 5]], build: (_, x) => g.sigmoid(x) },
  { name: 'tanh', shapes: [[3, 5]], build: (_, x) => g.tanh(x) },
  { name: 'exp', shapes: [[3, 5]], build: (_, x) => g.exp(x) },
  { name: 'log', shapes: [[3, 5]], build: (_, x) => g.log(x), spread: positive },
  { name: 'sqrt', shapes: [[3, 5]], build: (_, x) => g.sqrt(x), spread: positive },
  { name: 'neg', shapes: [[3, 5]], build: (_, x) => g.neg(x) },
  { name: 'abs', shapes: [[3, 5]], build: (_, x) => g.abs(x), spread: offZero },
  { name: 'reciprocal', shapes: [[3, 5]], build: (_, x) => g.reciprocal(x), spread: positive },
  { name: 'square', shapes: [[3, 5]], build: (_, x) => g.square(x) },
  {
    name: 'clip',
    shapes: [[4, 6]],
    build: (_, x) => g.clip(x, -0.5, 0.5),
    spread: (value) => (Math.abs(Math.abs(value) - 0.5) < 0.05 ? 0.7 : value),
  },
  {
    name: 'add, broadcast',
    shapes: [
      [2, 3, 4],
      [3, 1],
    ],
    build: (_, a, b) => g.add(a, b),
  },
  { name: 'sub, broadcast', shapes: [[4], [2, 3, 4]], build: (_, a, b) => g.sub(a, b) },
  {
    name: 'mul, broadcast',
    shapes: [
      [2, 1, 4],
      [3, 1],
    ],
    build: (_, a, b) => g.mul(a, b),
  },
  {
    name: 'div, broadcast',
    shapes: [
      [2, 3, 4],
      [1, 4],
    ],
    build: (_, a, b) => g.div(a, b),
    spread: positive,
  },
  {
    name: 'pow',
    shapes: [
      [2, 3],
      [2, 3],
    ],
    build: (_, a, b) => g.pow(a, b),
    spread: positive,
  },
  { name: 'pow of a number', shapes: [[2, 3]], build: (_, a) => g.pow(a, 3) },
  { name: 'maximum', shapes: [[5, 7], [7]], build: (_, a, b) => g.maximum(a, b), step: 1e-3 },
  { name: 'minimum', shapes: [[5, 7], [7]], build: (_, a, b) => g.minimum(a, b), step: 1e-3 },
  {
    name: 'where',
    shapes: [[4, 5], [4, 5], [5]],
    build: (_, a, b, c) => g.where(g.greater(a, 0), g.mul(a, b), c),
    spread: offZero,
  },
];

const linear: GradientCase[] = [
  {
    name: 'matmul',
    shapes: [
      [3, 4],
      [4, 5],
    ],
    build: (_, a, b) => g.matmul(a, b),
  },
  {
    name: 'matmul of batches',
    shapes: [
      [2, 3, 4],
      [2, 4, 5],
    ],
    build: (_, a, b) => g.matmul(a, b),
  },
  ...[false, true].flatMap((transposeA) =>
    [false, true].map((transposeB): GradientCase => ({
      name: `gemm ${transposeA ? 'Aᵀ' : 'A'}${transposeB ? 'Bᵀ' : 'B'} + c`,
      shapes: [transposeA ? [4, 3] : [3, 4], transposeB ? [5, 4] : [4, 5], [5]],
      build: (_, a, b, addend) => g.gemm(a, b, { addend, transposeA, transposeB }),
    })),
  ),
  { name: 'softmax', shapes: [[4, 5]], build: (_, x) => g.softmax(x) },
  { name: 'reduceSum', shapes: [[2, 3, 4]], build: (_, x) => g.reduceSum(x, [0, -1]) },
  { name: 'reduceMean', shapes: [[2, 3, 4]], build: (_, x) => g.reduceMean(x, [1], true) },
  { name: 'reduceMax', shapes: [[2, 3, 4]], build: (_, x) => g.reduceMax(x, [1]), step: 1e-3 },
  { name: 'reduceSumSquare', shapes: [[2, 3, 4]], build: (_, x) => g.reduceSumSquare(x, [0, 2]) },
];

const arrangement: GradientCase[] = [
  {
    name: 'concat',
    shapes: [
      [2, 3],
      [2, 4],
    ],
    build: (_, a, b) => g.concat([a, b, a], 1),
  },
  {
    name: 'slice',
    shapes: [[4, 9]],
    build: (_, x) =>
      g.slice(x, [
        { axis: 0, start: 1, end: 3 },
        { axis: 1, start: 1, end: 8, step: 3 },
      ]),
  },
  {
    name: 'slice backwards',
    shapes: [[4, 9]],
    build: (_, x) => g.slice(x, [{ axis: 1, start: 7, end: 0, step: -2 }]),
  },
  { name: 'reverse', shapes: [[4, 5]], build: (_, x) => g.reverse(x, [0, 1]) },
  {
    name: 'reshape and transpose',
    shapes: [[2, 3, 4]],
    build: (_, x) => g.transpose(g.reshape(x, [6, 2, 2]), [2, 0, 1]),
  },
  { name: 'expand', shapes: [[3, 1]], build: (_, x) => g.expand(x, [2, 3, 4]) },
  { name: 'pad', shapes: [[2, 3]], build: (_, x) => g.pad(x, [1, 0], [0, 2]) },
  {
    name: 'gather',
    shapes: [[4, 3]],
    build: (graph, x) => g.gather(x, graph.constant('rows', [5], Int32Array.of(2, 0, 2, 3, 2))),
  },
];

interface Layer {
  x: number[];
  w: number[];
  strides?: number[];
  pads?: number[];
  dilations?: number[];
  group?: number;
}

function convolution({ x, w, ...options }: Layer, tunedFor: g.Hardware): GradientCase {
  const dilated = options.dilations?.some((step) => step > 1) === true;
  return {
    name: `conv [${x.join()}] by [${w.join()}] ${JSON.stringify(options)} for ${tunedFor}`,
    shapes: [x, w, [w[0]!]],
    build: (_, input, weight, bias) => g.conv(input, weight, { ...options, bias }),
    step: 0.1,
    tunedFor,
    ...(dilated ? { withoutTfjs: 'it has no gradient of dilated convolutions' } : {}),
  };
}

const layers: Layer[] = [
  { x: [2, 3, 7, 6], w: [4, 3, 3, 3], pads: [1, 1, 1, 1] },
  { x: [2, 3, 7, 6], w: [4, 3, 3, 2], pads: [2, 1, 0, 0] },
  { x: [2, 3, 8, 7], w: [4, 3, 3, 3], strides: [2, 2], pads: [1, 1, 1, 1] },
  { x: [2, 3, 13, 10], w: [2, 3, 7, 7], strides: [2, 2], pads: [3, 3, 3, 3] },
  { x: [2, 3, 8, 7], w: [4, 3, 1, 1], strides: [2, 2] },
  { x: [2, 3, 8, 7], w: [4, 3, 1, 1] },
  { x: [2, 4, 9, 8], w: [6, 2, 3, 3], strides: [2, 1], pads: [1, 1, 1, 1], group: 2 },
  { x: [2, 4, 7, 8], w: [6, 2, 3, 3], pads: [1, 1, 1, 1], group: 2 },
  // Depthwise, padded as TensorFlow does it.
  { x: [2, 4, 7, 6], w: [4, 1, 5, 5], pads: [2, 2, 2, 2], group: 4 },
  { x: [2, 4, 8, 7], w: [4, 1, 3, 3], strides: [2, 2], pads: [0, 1, 1, 1], group: 4 },
  { x: [2, 3, 9, 9], w: [4, 3, 3, 3], pads: [2, 2, 2, 2], dilations: [2, 2] },
  { x: [2, 3, 9, 9], w: [4, 3, 3, 3], pads: [3, 3, 3, 3] },
  { x: [2, 3, 6, 5], w: [4, 3, 3, 2], pads: [1, 0, 1, 1] },
  { x: [2, 3, 9, 8], w: [4, 3, 3, 3], strides: [2, 1], dilations: [1, 2] },
  // Of as many channels and positions as the cpu engine convolves in blocks.
  { x: [1, 16, 16, 14], w: [32, 16, 3, 3], pads: [1, 1, 1, 1] },
];

const convolutions: GradientCase[] = [
  ...layers.flatMap((layer) => [convolution(layer, 'cpu'), convolution(layer, 'gpu')]),
  {
    name: 'convTranspose',
    shapes: [
      [2, 3, 4, 5],
      [3, 2, 3, 3],
    ],
    build: (_, x, w) => g.convTranspose(x, w, { strides: [2, 2], pads: [1, 1, 1, 1], outputPadding: [1, 0] }),
    step: 0.1,
  },
  {
    name: 'convTranspose in groups',
    shapes: [
      [2, 4, 4, 5],
      [4, 3, 3, 3],
    ],
    build: (_, x, w) => g.convTranspose(x, w, { strides: [1, 2], pads: [1, 0, 1, 1], group: 2 }),
    step: 0.1,
  },
];

/** All elements differ by more than the step of the difference, so that no maximum changes place. */
const distinct: NonNullable<GradientCase['spread']> = (() => {
  let count = 0;
  return (): number => ((count++ * 37) % 1009) / 100 - 5;
})();

const plainPools: GradientCase[] = [
  {
    name: 'maxPool 3×3/2 pad 1',
    shapes: [[2, 2, 9, 8]],
    build: (_, x) => g.maxPool(x, { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
  },
  {
    name: 'maxPool 2×2/2',
    shapes: [[2, 2, 9, 8]],
    build: (_, x) => g.maxPool(x, { kernel: [2, 2], strides: [2, 2] }),
  },
  {
    name: 'maxPool 3×2/1',
    shapes: [[2, 2, 5, 6]],
    build: (_, x) => g.maxPool(x, { kernel: [3, 2], strides: [1, 1] }),
  },
  {
    name: 'maxPool 1×2/3',
    shapes: [[2, 2, 7, 9]],
    build: (_, x) => g.maxPool(x, { kernel: [1, 2], strides: [3, 3] }),
  },
  {
    name: 'averagePool 3×3/2 pad 1',
    shapes: [[2, 2, 9, 8]],
    build: (_, x) => g.averagePool(x, { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
  },
  {
    name: 'averagePool 3×3/1 pad 1, padding counted',
    shapes: [[2, 2, 5, 6]],
    build: (_, x) =>
      g.averagePool(x, { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], countPadding: true }),
  },
  { name: 'globalAveragePool', shapes: [[2, 3, 5, 4]], build: (_, x) => g.globalAveragePool(x) },
];
const pools = plainPools.map((test) => ({ ...test, spread: distinct, step: 1e-3 }));

/** A case or more for every operator that has a gradient. */
export const GRADIENT_CASES = { elementwise, linear, arrangement, convolutions, pools };
