import { SynestheteError } from '../errors.ts';
import { add, batchNorm, conv, dropout, foldBatchNorm, gemm, mul, reshape, sizeOf } from '../graph/index.ts';
import type { ConvolutionOptions, Graph, Shape, Tensor, TrainingGraph } from '../graph/index.ts';

/** Weights by torch's names, row-major. */
export type Weights = Readonly<Record<string, { readonly shape: Shape; readonly data: Float32Array }>>;

/** The same for height and width, or one for each. */
type Extent = number | readonly [height: number, width: number];

interface ConvNormOptions {
  readonly channels: number;
  readonly kernel: Extent;
  readonly stride?: number;
  /**
   * Zeros on every side; by default half of the kernel, which keeps the size at stride 1. `same` is TensorFlow's: as
   * many as make the output the input divided by the stride, rounded up, the odd one below and to the right.
   */
  readonly padding?: Extent | 'same';
  /** Channels are convolved in so many groups apart; by default 1. In as many as there are channels it is depthwise. */
  readonly group?: number;
  /** Added to the variance; by default 1e-5, as in PyTorch. */
  readonly epsilon?: number;
}

/** What a network is built of. Training and inference build the same network of different operators. */
export interface Layers {
  readonly graph: Graph;
  /** A convolution without bias, `conv.weight`, followed by a batch normalisation, `norm.weight`, `norm.bias`, …. */
  convNorm(x: Tensor, conv: string, norm: string, options: ConvNormOptions): Tensor;
  /** x [batch, features] times `name.weight` [outputs, features] transposed, plus `name.bias`. */
  linear(x: Tensor, name: string, outputs: number): Tensor;
  /** A parameter by itself. */
  parameter(name: string, shape: Shape): Tensor;
  /** Values that are not learnt: statistics by which inputs are normalised. */
  statistic(name: string, shape: Shape): Tensor;
  /** Batch normalisation of x [batch, features], `name.weight`, `name.bias`, …. */
  norm(x: Tensor, name: string): Tensor;
  /** Leaves out a part of the numbers in training, and none afterwards. */
  dropout(x: Tensor, name: string, rate: number): Tensor;
}

/** The mask of a dropout layer, which is fed to each training step. */
export interface DropoutMask {
  readonly shape: Shape;
  readonly rate: number;
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

function kernelShape(x: Tensor, { channels, kernel, group = 1 }: ConvNormOptions): Shape {
  return [channels, x.shape[1]! / group, ...pair(kernel)];
}

function steps(x: Tensor, { kernel, stride = 1, padding, group = 1 }: ConvNormOptions): ConvolutionOptions {
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

/**
 * Layers whose parameters are learnt; batch normalisation uses each batch's own statistics.
 * @param options.frozen parameters that stay as they are
 * @param options.fixedNorm batch normalisations, by name, that go by their running statistics and leave them as they
 *   are: those of layers that are frozen, or all of them where batches are too small for statistics of their own
 */
export function trainingLayers(
  training: TrainingGraph,
  options: { frozen?: (name: string) => boolean; fixedNorm?: (norm: string) => boolean } = {},
): Layers & { readonly masks: ReadonlyMap<string, DropoutMask> } {
  const parameter = (name: string, shape: Shape): Tensor =>
    training.parameter(name, shape, { frozen: options.frozen?.(name) === true });
  const masks = new Map<string, DropoutMask>();
  return {
    graph: training.graph,
    masks,
    parameter,
    statistic: (name, shape) => training.parameter(name, shape, { frozen: true }),
    norm: (x, name) => training.batchNorm(name, x),
    dropout(x, name, rate) {
      if (rate === 0) return x;
      masks.set(name, { shape: x.shape, rate });
      return dropout(x, name, rate).output;
    },
    convNorm(x, name, norm, settings) {
      const weight = parameter(`${name}.weight`, kernelShape(x, settings));
      for (const part of ['weight', 'bias']) parameter(`${norm}.${part}`, [settings.channels]);
      return training.batchNorm(
        norm,
        training.graph.within(name, () => conv(x, weight, steps(x, settings))),
        { epsilon: settings.epsilon, fixed: options.fixedNorm?.(norm) === true },
      );
    },
    linear(x, name, outputs) {
      const weight = parameter(`${name}.weight`, [outputs, x.shape[1]!]);
      return gemm(x, weight, { addend: parameter(`${name}.bias`, [outputs]), transposeB: true });
    },
  };
}

/**
 * Layers with given weights as constants; batch normalisation by the running statistics is folded into the kernel and
 * bias of the convolution before it.
 * @throws SynestheteError OTHER_ARCHITECTURE when a weight is missing or of another shape
 */
export function inferenceLayers(graph: Graph, weights: Weights): Layers {
  const take = (name: string, shape: Shape): Float32Array => {
    const weight = weights[name];
    if (weight?.data.length !== sizeOf(shape) || weight.shape.join() !== shape.join()) {
      const found = weight ? `is [${weight.shape.join(', ')}]` : 'is missing';
      throw new SynestheteError(
        'OTHER_ARCHITECTURE',
        `weight ${name} ${found}, but the network has [${shape.join(', ')}]: take weights of this architecture`,
      );
    }
    return weight.data;
  };
  const stored = new Map<string, Tensor>();
  const constant = (name: string, shape: Shape): Tensor => {
    const tensor = stored.get(name) ?? graph.constant(name, shape, take(name, shape));
    stored.set(name, tensor);
    return tensor;
  };
  const fold = (norm: string, channels: number, epsilon?: number): ReturnType<typeof foldBatchNorm> => {
    const vector = [channels];
    return foldBatchNorm(
      take(`${norm}.weight`, vector),
      take(`${norm}.bias`, vector),
      take(`${norm}.running_mean`, vector),
      take(`${norm}.running_var`, vector),
      epsilon,
    );
  };
  return {
    graph,
    parameter: constant,
    statistic: constant,
    norm(x, name) {
      const vector = [x.shape[1]!];
      const { scale, shift } = fold(name, x.shape[1]!);
      const scaled = mul(x, graph.constant(`${name}.weight`, vector, scale));
      return add(scaled, graph.constant(`${name}.bias`, vector, shift));
    },
    dropout: (x) => x,
    convNorm(x, name, norm, settings) {
      const shape = kernelShape(x, settings);
      const vector = [settings.channels];
      const { scale, shift } = fold(norm, settings.channels, settings.epsilon);
      const folded = take(`${name}.weight`, shape).slice();
      const each = folded.length / settings.channels;
      scale.forEach((factor, channel) => {
        for (let i = channel * each; i < (channel + 1) * each; i++) folded[i]! *= factor;
      });
      return graph.within(name, () =>
        conv(x, graph.constant(`${name}.weight`, shape, folded), {
          ...steps(x, settings),
          bias: graph.constant(`${norm}.bias`, vector, shift),
        }),
      );
    },
    linear(x, name, outputs) {
      const shape = [outputs, x.shape[1]!];
      const weight = constant(`${name}.weight`, shape);
      return add(gemm(x, weight, { transposeB: true }), constant(`${name}.bias`, [outputs]));
    },
  };
}

/**
 * Layers as in inference, but with the weights as inputs of the graph, so that one graph serves while they change:
 * for validation between epochs.
 */
export function evaluationLayers(graph: Graph): Layers {
  const inputs = new Map<string, Tensor>();
  const input = (name: string, shape: Shape): Tensor => {
    const tensor = inputs.get(name) ?? graph.input(name, shape);
    inputs.set(name, tensor);
    return tensor;
  };
  const norm = (x: Tensor, name: string, epsilon?: number): Tensor => {
    const vector = [x.shape[1]!];
    const state = {
      weight: input(`${name}.weight`, vector),
      bias: input(`${name}.bias`, vector),
      runningMean: input(`${name}.running_mean`, vector),
      runningVar: input(`${name}.running_var`, vector),
    };
    return batchNorm(x, state, epsilon);
  };
  return {
    graph,
    parameter: input,
    statistic: input,
    norm: (x, name) => norm(x, name),
    dropout: (x) => x,
    convNorm(x, name, normName, settings) {
      const weight = input(`${name}.weight`, kernelShape(x, settings));
      return norm(conv(x, weight, steps(x, settings)), normName, settings.epsilon);
    },
    linear(x, name, outputs) {
      const weight = input(`${name}.weight`, [outputs, x.shape[1]!]);
      const bias = reshape(input(`${name}.bias`, [outputs]), [1, outputs]);
      return add(gemm(x, weight, { transposeB: true }), bias);
    },
  };
}
