import { SynestheteError } from '../errors.ts';
import { add, conv, foldBatchNorm, gemm, mul, sizeOf } from '../graph/index.ts';
import type { Graph, Shape, Tensor } from '../graph/index.ts';
import { kernelShape, steps, type Layers } from './layers.ts';

/** Weights by torch's names, row-major. */
export type Weights = Readonly<Record<string, { readonly shape: Shape; readonly data: Float32Array }>>;

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
