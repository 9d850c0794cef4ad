import { Random } from '../../../models/learning/index.ts';

/** Numbers on [−1, 1) that depend on the seed alone. */
export function noise(count: number, seed: number): Float64Array {
  const random = Random.seeded(seed, 'noise');
  return Float64Array.from({ length: count }, () => 2 * random.real() - 1);
}
