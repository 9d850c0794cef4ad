import { add, batchNorm, conv, gemm, reshape } from '../../graph/index.ts';
import type { Graph, Shape, Tensor } from '../../graph/index.ts';
import { kernelShape, steps, type Layers } from '../layers.ts';

/**
 * Layers as in inference, but with the weights as inputs of the graph, so that one graph works with changing weights:
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
