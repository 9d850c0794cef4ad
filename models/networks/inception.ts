import {
  add,
  averagePool,
  clip,
  concat,
  globalAveragePool,
  maxPool,
  mul,
  reduceMean,
  relu,
  reshape,
  slice,
  softmax,
  sqrt,
  square,
  sub,
  transpose,
} from '../graph/index.ts';
import type { Tensor } from '../graph/index.ts';
import type { Layers } from './layers.ts';

/** Sides of the pictures that an Inception-v3 takes. */
export const INCEPTION_SIDE = 299;

/** The layers at which the branches of a block come together, in the order of the way through. */
export const MIXED_LAYERS = [
  'mixed0',
  'mixed1',
  'mixed2',
  'mixed3',
  'mixed4',
  'mixed5',
  'mixed6',
  'mixed7',
  'mixed8',
  'mixed9',
  'mixed10',
] as const;

export type MixedLayer = (typeof MIXED_LAYERS)[number];

/** Channels of each of them. */
export const MIXED_CHANNELS: Readonly<Record<MixedLayer, number>> = {
  mixed0: 256,
  mixed1: 288,
  mixed2: 288,
  mixed3: 768,
  mixed4: 768,
  mixed5: 768,
  mixed6: 768,
  mixed7: 768,
  mixed8: 1280,
  mixed9: 2048,
  mixed10: 2048,
};

/** What the head of nsfwjs tells apart, in the order of its outputs. */
export const UNSAFE_CLASSES = ['drawing', 'hentai', 'neutral', 'porn', 'sexy'] as const;

/** That of Keras's Inception-v3. */
const EPSILON = 1e-3;

interface ConvolutionOptions {
  readonly stride?: number;
  /** Whether nothing is padded, so that the size shrinks. */
  readonly valid?: boolean;
}

type Kernel = number | readonly [height: number, width: number];

/** Numbers its convolutions in the order of the calls, as Keras does: `conv2d_1`, `batch_normalization_1`, …. */
class Builder {
  readonly #layers: Layers;
  #count = 0;

  constructor(layers: Layers) {
    this.#layers = layers;
  }

  /** Convolution, batch normalisation and ReLU. */
  conv(
    x: Tensor,
    channels: number,
    kernel: Kernel,
    { stride = 1, valid = false }: ConvolutionOptions = {},
  ): Tensor {
    this.#count += 1;
    const [conv, norm] = [`conv2d_${this.#count}`, `batch_normalization_${this.#count}`];
    const padding = valid ? { padding: 0 } : {};
    return relu(
      this.#layers.convNorm(x, conv, norm, { channels, kernel, stride, epsilon: EPSILON, ...padding }),
    );
  }
}

function halve(x: Tensor): Tensor {
  return maxPool(x, { kernel: [3, 3], strides: [2, 2] });
}

/** Mean of 3×3, where at the border only what is there counts. */
function smooth(x: Tensor): Tensor {
  return averagePool(x, { kernel: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1] });
}

function stem(build: Builder, x: Tensor): Tensor {
  let y = build.conv(x, 32, 3, { stride: 2, valid: true });
  y = build.conv(y, 32, 3, { valid: true });
  y = halve(build.conv(y, 64, 3));
  y = build.conv(y, 80, 1, { valid: true });
  return halve(build.conv(y, 192, 3, { valid: true }));
}

/** 35×35: 1×1, 5×5, twice 3×3, and pooling. */
function blockA(build: Builder, x: Tensor, pooled: number): Tensor {
  const single = build.conv(x, 64, 1);
  const five = build.conv(build.conv(x, 48, 1), 64, 5);
  const double = build.conv(build.conv(build.conv(x, 64, 1), 96, 3), 96, 3);
  return concat([single, five, double, build.conv(smooth(x), pooled, 1)], 1);
}

/** 35×35 to 17×17. */
function reductionA(build: Builder, x: Tensor): Tensor {
  const single = build.conv(x, 384, 3, { stride: 2, valid: true });
  const double = build.conv(build.conv(build.conv(x, 64, 1), 96, 3), 96, 3, { stride: 2, valid: true });
  return concat([single, double, halve(x)], 1);
}

/** 17×17: 7×7 taken apart into rows and columns. */
function blockB(build: Builder, x: Tensor, width: number): Tensor {
  const single = build.conv(x, 192, 1);
  const seven = build.conv(build.conv(build.conv(x, width, 1), width, [1, 7]), 192, [7, 1]);
  let double = build.conv(x, width, 1);
  double = build.conv(build.conv(double, width, [7, 1]), width, [1, 7]);
  double = build.conv(build.conv(double, width, [7, 1]), 192, [1, 7]);
  return concat([single, seven, double, build.conv(smooth(x), 192, 1)], 1);
}

/** 17×17 to 8×8. */
function reductionB(build: Builder, x: Tensor): Tensor {
  const three = build.conv(build.conv(x, 192, 1), 320, 3, { stride: 2, valid: true });
  const seven = build.conv(build.conv(build.conv(x, 192, 1), 192, [1, 7]), 192, [7, 1]);
  return concat([three, build.conv(seven, 192, 3, { stride: 2, valid: true }), halve(x)], 1);
}

/** 8×8: rows and columns of 3×3 side by side. */
function blockC(build: Builder, x: Tensor): Tensor {
  const both = (y: Tensor): Tensor[] => [build.conv(y, 384, [1, 3]), build.conv(y, 384, [3, 1])];
  const single = build.conv(x, 320, 1);
  const three = both(build.conv(x, 384, 1));
  const double = both(build.conv(build.conv(x, 448, 1), 384, 3));
  return concat([single, ...three, ...double, build.conv(smooth(x), 192, 1)], 1);
}

const BLOCKS: Readonly<Record<MixedLayer, (build: Builder, x: Tensor) => Tensor>> = {
  mixed0: (build, x) => blockA(build, x, 32),
  mixed1: (build, x) => blockA(build, x, 64),
  mixed2: (build, x) => blockA(build, x, 64),
  mixed3: reductionA,
  mixed4: (build, x) => blockB(build, x, 128),
  mixed5: (build, x) => blockB(build, x, 160),
  mixed6: (build, x) => blockB(build, x, 160),
  mixed7: (build, x) => blockB(build, x, 192),
  mixed8: reductionB,
  mixed9: blockC,
  mixed10: blockC,
};

/** The layers up to the last one that was asked for. */
type InceptionFeatures = ReadonlyMap<MixedLayer, Tensor>;

/**
 * Inception-v3 (Szegedy et al., "Rethinking the Inception Architecture for Computer Vision") up to a mixed layer, with
 * Keras's names of layers and torch's names and layout of weights: `conv2d_1.weight`, `batch_normalization_1.bias`, ….
 * @param x [batch, 3, 299, 299], red, green and blue in [0, 1]: so nsfwjs scales it, and its middle layers tell more
 *   of emotion than with [-1, 1], on which ImageNet's Inception was trained. Other sizes from 75 on work as well.
 * @returns each mixed layer, [batch, MIXED_CHANNELS, height, width]
 */
export function inceptionFeatures(
  layers: Layers,
  x: Tensor,
  last: MixedLayer = 'mixed10',
): InceptionFeatures {
  const build = new Builder(layers);
  const features = new Map<MixedLayer, Tensor>();
  let y = stem(build, x);
  for (const name of MIXED_LAYERS.slice(0, MIXED_LAYERS.indexOf(last) + 1)) {
    y = layers.graph.within(name, () => BLOCKS[name](build, y));
    features.set(name, y);
  }
  return features;
}

/**
 * The head of nsfwjs, without its dropout.
 * @param mixed10 [batch, 2048, 8, 8]
 * @returns probabilities [batch, 5] of UNSAFE_CLASSES
 */
export function unsafeHead(layers: Layers, mixed10: Tensor): Tensor {
  const pooled = reshape(globalAveragePool(mixed10), [mixed10.shape[0]!, -1]);
  const hidden = relu(layers.linear(relu(layers.linear(pooled, 'dense_1', 256)), 'dense_2', 128));
  return softmax(layers.linear(hidden, 'dense_3', UNSAFE_CLASSES.length));
}

/** What `unsafe` counts. "sexy" does not: see PictureTraits. */
const UNSAFE: readonly (typeof UNSAFE_CLASSES)[number][] = ['porn', 'hentai'];

/**
 * The probability that a picture is unsafe, as PictureTraits has it.
 * @param classes [batch, 5] of `unsafeHead`
 * @returns [batch, 1]
 */
export function unsafeProbability(classes: Tensor): Tensor {
  const columns = UNSAFE.map((name) => {
    const at = UNSAFE_CLASSES.indexOf(name);
    return slice(classes, [{ axis: 1, start: at, end: at + 1 }]);
  });
  return clip(columns.reduce(add), 0, 1);
}

/** [batch, height, width, 3] of 0..255, as pictures are decoded, to [batch, 3, height, width] in [0, 1]. */
export function pixelPlanes(pixels: Tensor): Tensor {
  return mul(transpose(pixels, [0, 3, 1, 2]), 1 / 255);
}

/** Keeps the gradient of the root finite where a channel is the same everywhere. */
const LEAST_VARIANCE = 1e-12;

/**
 * Mean and (biased) standard deviation over space.
 * @param x [batch, channels, height, width]
 * @returns each [batch, channels]
 */
export function pooledStatistics(x: Tensor): { mean: Tensor; deviation: Tensor } {
  const mean = reduceMean(x, [2, 3], true);
  const variance = reduceMean(square(sub(x, mean)), [2, 3]);
  return { mean: reshape(mean, variance.shape), deviation: sqrt(add(variance, LEAST_VARIANCE)) };
}
