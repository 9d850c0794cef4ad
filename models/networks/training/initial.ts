import { sizeOf } from '../../graph/index.ts';
import type { Shape } from '../../graph/index.ts';
import { randomBits } from '../../graph/training/index.ts';
import type { TrainableState } from '../../graph/training/index.ts';

function normal(name: string, seed: number, count: number, deviation: number): Float32Array {
  const bits = randomBits(seed, 0, name);
  return Float32Array.from({ length: count }, (_, i) => {
    // Box and Muller; the first number of the pair must not be 0.
    const radius = Math.sqrt(-2 * Math.log((bits(2 * i) + 1) / 2 ** 32));
    return deviation * radius * Math.cos((2 * Math.PI * bits(2 * i + 1)) / 2 ** 32);
  });
}

function uniform(name: string, seed: number, count: number, bound: number): Float32Array {
  const bits = randomBits(seed, 0, name);
  return Float32Array.from({ length: count }, (_, i) => bound * (bits(i) / 2 ** 31 - 1));
}

function initialValues(name: string, shape: Shape, seed: number): Float32Array | null {
  const count = sizeOf(shape);
  if (shape.length === 4)
    return normal(name, seed, count, Math.sqrt(2 / (shape[0]! * shape[2]! * shape[3]!)));
  if (shape.length === 2) return uniform(name, seed, count, 1 / Math.sqrt(shape[1]!));
  const one = name.endsWith('.weight') || name.endsWith('.running_var');
  return one ? new Float32Array(count).fill(1) : null;
}

/**
 * Initial values for training from scratch, as in torchvision's ResNets: kernels normal with variance 2 / fan-out (He
 * et al., "Delving Deep into Rectifiers"), matrices uniform within ±1/√fan-in, normalisations the identity. Everything
 * not in the result starts as zeros: biases, running means and the optimiser's state.
 */
export function initialState(
  trainable: readonly Pick<TrainableState, 'input' | 'shape'>[],
  seed: number,
): Record<string, Float32Array> {
  return Object.fromEntries(
    trainable.flatMap(({ input, shape }) => {
      const values = input.includes(':') ? null : initialValues(input, shape, seed);
      return values ? [[input, values]] : [];
    }),
  );
}
