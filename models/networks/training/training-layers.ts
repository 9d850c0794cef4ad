import { conv, gemm } from '../../graph/index.ts';
import type { Shape, Tensor } from '../../graph/index.ts';
import { dropout, type TrainingGraph } from '../../graph/training/index.ts';
import { kernelShape, steps, type Layers } from '../layers.ts';

/** The mask of a dropout layer, an input of each training step. */
export interface DropoutMask {
  readonly shape: Shape;
  readonly rate: number;
}

/**
 * Layers with trainable parameters; batch normalisation uses each batch's own statistics.
 * @param options.frozen parameters that stay unchanged
 * @param options.fixedNorm batch normalisations, by name, that use their running statistics and leave them unchanged:
 *   those of frozen layers, or all of them when batches are too small for statistics
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
