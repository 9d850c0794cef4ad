import type { ConvolutionOptions, Graph, Shape, Tensor } from '../graph/index.ts';

/** The same for height and width, or one for each. */
type Extent = number | readonly [height: number, width: number];

export interface ConvNormOptions {
  readonly channels: number;
  readonly kernel: Extent;
  readonly stride?: number;
  /**
   * Zeros on every side; by default half of the kernel, which keeps the size at stride 1. `same` is TensorFlow's: as
   * many as make the output the input divided by the stride, rounded up, the odd one below and to the right.
   */
  readonly padding?: Extent | 'same';
  /** Number of groups of channels, convolved separately; by default 1. With one group a channel it is depthwise. */
  readonly group?: number;
  /** Added to the variance; by default 1e-5, as in PyTorch. */
  readonly epsilon?: number;
}

/** The layers of a network. Training and inference build the same network from different operators. */
export interface Layers {
  readonly graph: Graph;
  /** A convolution without bias, `conv.weight`, followed by a batch normalisation, `norm.weight`, `norm.bias`, …. */
  convNorm(x: Tensor, conv: string, norm: string, options: ConvNormOptions): Tensor;
  /** x [batch, features] times `name.weight` [outputs, features] transposed, plus `name.bias`. */
  linear(x: Tensor, name: string, outputs: number): Tensor;
  /** A single parameter. */
  parameter(name: string, shape: Shape): Tensor;
  /** Values that are not trained: statistics that normalise inputs. */
  statistic(name: string, shape: Shape): Tensor;
  /** Batch normalisation of x [batch, features], `name.weight`, `name.bias`, …. */
  norm(x: Tensor, name: string): Tensor;
  /** Dropout in training; the identity in inference. */
  dropout(x: Tensor, name: string, rate: number): Tensor;
}

/** The same layers with `prefix` before the name of every parameter. */
export function prefixed(layers: Layers, prefix: string): Layers {
  return {
    ...layers,
    convNorm: (x, name, norm, options) => layers.convNorm(x, `${prefix}${name}`, `${prefix}${norm}`, options),
    linear: (x, name, outputs) => layers.linear(x, `${prefix}${name}`, outputs),
    parameter: (name, shape) => layers.parameter(`${prefix}${name}`, shape),
    statistic: (name, shape) => layers.statistic(`${prefix}${name}`, shape),
    norm: (x, name) => layers.norm(x, `${prefix}${name}`),
    dropout: (x, name, rate) => layers.dropout(x, `${prefix}${name}`, rate),
  };
}

function pair(extent: Extent): readonly [height: number, width: number] {
  return typeof extent === 'number' ? [extent, extent] : extent;
}

/** Shape of a convolution's kernel. */
export function kernelShape(x: Tensor, { channels, kernel, group = 1 }: ConvNormOptions): Shape {
  return [channels, x.shape[1]! / group, ...pair(kernel)];
}

/** Strides, pads and groups of a convolution. */
export function steps(
  x: Tensor,
  { kernel, stride = 1, padding, group = 1 }: ConvNormOptions,
): ConvolutionOptions {
  const [height, width] = pair(kernel);
  const strides = [stride, stride];
  if (padding === 'same') {
    const missing = [height, width].map((length, i) => {
      const size = x.shape[i + 2]!;
      return Math.max(0, (Math.ceil(size / stride) - 1) * stride + length - size);
    });
    const before = missing.map((count) => Math.floor(count / 2));
    return { strides, pads: [...before, ...missing.map((count, i) => count - before[i]!)], group };
  }
  const pads = pair(padding ?? [Math.floor(height / 2), Math.floor(width / 2)]);
  return { strides, pads: [...pads, ...pads], group };
}
