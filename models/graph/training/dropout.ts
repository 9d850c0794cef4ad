import { mul } from '../operators.ts';
import { GraphError, sizeOf } from '../tensor.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { randomBits } from './random.ts';

/**
 * A dropout mask: 0 with probability `rate`, else 1 / (1 − rate). It depends only on the seed, the number of the
 * training step and the name of the layer, so a resumed training draws the same masks.
 */
export function dropoutMask(
  seed: number,
  step: number,
  name: string,
  shape: Shape,
  rate: number,
): Float32Array {
  const bits = randomBits(seed, step, name);
  const threshold = rate * 2 ** 32;
  const kept = 1 / (1 - rate);
  return Float32Array.from({ length: sizeOf(shape) }, (_, i) => (bits(i) < threshold ? 0 : kept));
}

export interface Dropout {
  readonly output: Tensor;
  /** The input that the mask of every step is fed to. */
  readonly mask: Tensor;
}

/**
 * Multiplies by a mask that is fed at every run (see dropoutMask).
 * @throws GraphError when the rate is not in [0, 1)
 */
export function dropout(x: Tensor, name: string, rate: number): Dropout {
  if (!(rate >= 0 && rate < 1))
    throw new GraphError(`Dropout "${name}": the rate must be in [0, 1), not ${rate}`);
  const mask = x.graph.input(name, x.shape);
  return { output: mul(x, mask), mask };
}
