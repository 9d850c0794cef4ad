import type { Engine } from '../engine/index.ts';
import { SynestheteError } from '../errors.ts';
import { Graph, gemm } from '../graph/index.ts';

/** The largest final residual, as a part of the right-hand side. */
const TOLERANCE = 1e-4;
const MOST_ITERATIONS = 400;

/** Rows of a symmetric matrix that one system uses. */
export interface MaskedSystem {
  /** [size]: 1 for a row that belongs to it, else 0. */
  readonly mask: Float32Array;
  /** Row-major [columns, size]; rows outside the mask are ignored. */
  readonly targets: readonly Float32Array[];
}

/**
 * Solves (K + Λ) x = y for several right-hand sides, each within the rows of its mask, by conjugate gradients with the
 * diagonal as preconditioner (Golub and Van Loan, "Matrix Computations", 11.5). All systems share the products with K,
 * which the engine computes, so that folds cost almost nothing.
 *
 * @param kernel K, symmetric, row-major [size, size]
 * @param diagonal Λ [size]
 * @returns for each system, for each target, x [size], 0 outside the mask
 * @throws SynestheteError DIVERGED when MOST_ITERATIONS don't bring the residuals down; ENGINE_FAILED
 */
export async function solveMasked(
  engine: Engine,
  kernel: Float32Array,
  diagonal: Float32Array,
  systems: readonly MaskedSystem[],
): Promise<Float32Array[][]> {
  const size = diagonal.length;
  const columns = systems.flatMap(({ mask, targets }) => targets.map((target) => ({ mask, target })));
  const count = columns.length;
  const x = new Float32Array(count * size);
  const residual = new Float32Array(count * size);
  columns.forEach(({ mask, target }, c) => {
    for (let i = 0; i < size; i++) residual[c * size + i] = mask[i]! * target[i]!;
  });
  const preconditioned = (i: number): number =>
    residual[i]! / (kernel[(i % size) * (size + 1)]! + diagonal[i % size]!);
  const direction = residual.map((_, i) => preconditioned(i));
  const dot = (a: Float32Array, b: Float32Array, c: number): number => {
    let sum = 0;
    for (let i = c * size; i < (c + 1) * size; i++) sum += a[i]! * b[i]!;
    return sum;
  };
  const lengths = columns.map((_, c) => Math.sqrt(dot(residual, residual, c)));
  const rho = columns.map((_, c) => dot(residual, direction, c));

  const graph = new Graph('kernel product');
  const shape = [count, size];
  graph.output('product', gemm(graph.input('direction', shape), graph.input('kernel', [size, size])));
  const session = await engine.load(graph);
  try {
    for (let iteration = 0; ; iteration++) {
      const left = columns.map((_, c) => Math.sqrt(dot(residual, residual, c)) / (lengths[c]! || 1));
      if (left.every((part) => part <= TOLERANCE)) break;
      if (iteration === MOST_ITERATIONS) {
        throw new SynestheteError(
          'DIVERGED',
          `after ${MOST_ITERATIONS} steps of the teacher's equations ${Math.max(...left).toExponential(1)} of the right-hand side remains, at most ${TOLERANCE} is allowed; give the settings a larger ridge`,
        );
      }
      const { product } = await session.run({
        direction: { dtype: 'float32', shape, data: direction },
        kernel: { dtype: 'float32', shape: [size, size], data: kernel },
      });
      const image = product!.data as Float32Array;
      columns.forEach(({ mask }, c) => {
        if (rho[c] === 0) return;
        const from = c * size;
        for (let i = 0; i < size; i++)
          image[from + i] = mask[i]! * (image[from + i]! + diagonal[i]! * direction[from + i]!);
        const step = rho[c]! / dot(direction, image, c);
        let next = 0;
        for (let i = from; i < from + size; i++) {
          x[i]! += step * direction[i]!;
          residual[i]! -= step * image[i]!;
          next += residual[i]! * preconditioned(i);
        }
        const kept = next / rho[c]!;
        for (let i = from; i < from + size; i++) direction[i] = preconditioned(i) + kept * direction[i]!;
        rho[c] = next;
      });
    }
  } finally {
    await session.close();
  }
  let column = 0;
  return systems.map(({ targets }) => targets.map(() => x.slice(column * size, ++column * size)));
}
