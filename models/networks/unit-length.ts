import { add, div, reduceSumSquare, sqrt } from '../graph/index.ts';
import type { Tensor } from '../graph/index.ts';

/** Keeps the gradient of a row of zeros finite; far below any squared length in practice. */
const EPSILON = 1e-12;

/**
 * Divides each row of x [batch, numbers] by its Euclidean length, so that squared distances of rows lie between 0 and 4
 * whatever the network's scale, and a margin or a ratio of distances means the same throughout training.
 */
export function unitRows(x: Tensor): Tensor {
  return div(x, sqrt(add(reduceSumSquare(x, [1], true), EPSILON)));
}
