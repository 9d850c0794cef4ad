import { concat, slice } from '../../graph/index.ts';
import type { Tensor } from '../../graph/index.ts';

/** Row i of the result is row i + `by` of x [n, …], wrapping around. */
export function rolled(x: Tensor, by: number): Tensor {
  const rows = x.shape[0]!;
  return concat(
    [slice(x, [{ axis: 0, start: by, end: rows }]), slice(x, [{ axis: 0, start: 0, end: by }])],
    0,
  );
}
