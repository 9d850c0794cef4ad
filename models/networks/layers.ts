import { SynestheteError } from '../errors.ts';
import { add, conv, foldBatchNorm, gemm, sizeOf } from '../graph/index.ts';
import type { Graph, Shape, Tensor, TrainingGraph } from '../graph/index.ts';

/** Weights by torch's names, row-major. */
export type Weights = Readonly<Record<string, { readonly shape: Shape; readonly data: Float32Array }>>;

/** The same for height and width, or one for each. */
type Extent = number | readonly [height: number, width: number];

interface ConvNormOptions {
  readonly channels: number;
  readonly kernel: Extent;
  readonly stride?: number;
  /** Zeros on every side; by default half of the kernel, which keeps the size at stride 1. */
  readonly padding?: Extent;
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
}

function pair(extent: Extent): readonly [height: number, width: number] {
  return typeof extent === 'number' ? [extent, extent] : extent;
}

function kernelShape(x: Tensor, { channels, kernel }: ConvNormOptions): Shape {
  return [channels, x.shape[1]!, ...pair(kernel)];
}

function steps({ kernel, stride = 1, padding }: ConvNormOptions) {
  const [height, width] = pair(kernel);
  const pads = pair(padding ?? [Math.floor(height / 2), Math.floor(width / 2)]);
  return { strides: [stride, stride], pads: [...pads, ...pads] };
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
): Layers {
  const parameter = (name: string, shape: Shape): Tensor =>
    training.parameter(name, shape, { frozen: options.frozen?.(name) === true });
  return {
    graph: training.graph,
    convNorm(x, name, norm, settings) {
      const weight = parameter(`${name}.weight`, kernelShape(x, settings));
      for (const part of ['weight', 'bias']) parameter(`${norm}.${part}`, [settings.channels]);
      return training.batchNorm(
        norm,
        training.graph.within(name, () => conv(x, weight, steps(settings))),
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
  return {
    graph,
    convNorm(x, name, norm, settings) {
      const shape = kernelShape(x, settings);
      const vector = [settings.channels];
      const { scale, shift } = foldBatchNorm(
        take(`${norm}.weight`, vector),
        take(`${norm}.bias`, vector),
        take(`${norm}.running_mean`, vector),
        take(`${norm}.running_var`, vector),
        settings.epsilon,
      );
      const folded = take(`${name}.weight`, shape).slice();
      const each = folded.length / settings.channels;
      scale.forEach((factor, channel) => {
        for (let i = channel * each; i < (channel + 1) * each; i++) folded[i]! *= factor;
      });
      return graph.within(name, () =>
        conv(x, graph.constant(`${name}.weight`, shape, folded), {
          ...steps(settings),
          bias: graph.constant(`${norm}.bias`, vector, shift),
        }),
      );
    },
    linear(x, name, outputs) {
      const shape = [outputs, x.shape[1]!];
      const weight = graph.constant(`${name}.weight`, shape, take(`${name}.weight`, shape));
      const bias = graph.constant(`${name}.bias`, [outputs], take(`${name}.bias`, [outputs]));
      return add(gemm(x, weight, { transposeB: true }), bias);
    },
  };
}
