import {
  add,
  matmul,
  mul,
  reduceSum,
  reduceSumSquare,
  relu,
  reshape,
  sqrt,
  square,
  sub,
  transpose,
} from '../../graph/index.ts';
import type { Tensor } from '../../graph/index.ts';

/** Squared Euclidean distances of all rows of a [n, d] and of b [m, d]: [n, m], by |a|² + |b|² − 2 a·b. */
export function squaredDistances(a: Tensor, b: Tensor): Tensor {
  const squaresOfA = reduceSumSquare(a, [1], true);
  const squaresOfB = reshape(reduceSumSquare(b, [1]), [1, -1]);
  const products = matmul(a, transpose(b, [1, 0]));
  // Rounding can make the distance of equal rows negative.
  return relu(sub(add(squaresOfA, squaresOfB), mul(products, 2)));
}

/** Squared Euclidean distances of the rows of a and b, both [n, d], one by one: [n]. */
export function rowDistances(a: Tensor, b: Tensor): Tensor {
  return reduceSum(square(sub(a, b)), [1]);
}

/**
 * Squared distances of points of the plane, a [n, 2] and b [m, 2]: [n, m], by their differences, which is exact for
 * close labels.
 */
export function squaredPlaneDistances(a: Tensor, b: Tensor): Tensor {
  const difference = sub(reshape(a, [-1, 1, 2]), reshape(b, [1, -1, 2]));
  return reduceSum(square(difference), [2]);
}

/** Distances (not squared), like `squaredPlaneDistances`. */
export function planeDistances(a: Tensor, b: Tensor): Tensor {
  return sqrt(squaredPlaneDistances(a, b));
}
