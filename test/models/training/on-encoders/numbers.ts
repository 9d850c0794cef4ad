import { Random } from '../../../../models/random.ts';

/** Numbers on [−1, 1) that depend on the seed alone. */
export function noise(count: number, seed: number): Float64Array {
  const random = Random.seeded(seed, 'noise');
  return Float64Array.from({ length: count }, () => 2 * random.real() - 1);
}

export const WIDTH = 12;
/** Of the columns of `rowsOf`. */
export const BLOCKS = [{ width: 8, weight: 1 }, { width: 4, weight: 0.5 }]; // prettier-ignore

/** Rows whose columns are mixtures of three numbers and some noise, so that few components hold most. */
export function rowsOf(count: number, seed: number): Float32Array[] {
  const numbers = noise(count * (3 + WIDTH), seed);
  return Array.from({ length: count }, (_, r) => {
    const own = numbers.subarray(r * (3 + WIDTH), (r + 1) * (3 + WIDTH));
    return Float32Array.from({ length: WIDTH }, (_unused, c) => own[c % 3]! * (c + 1) + 0.3 * own[3 + c]!);
  });
}

export function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}
