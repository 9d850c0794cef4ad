import type { Engine } from '../engine/index.ts';
import { gemm, Graph } from '../graph/index.ts';

/**
 * The product of a matrix with another's transpose, on an engine and in float32: for matrices of thousands of rows and
 * columns, where float64 in JavaScript would take minutes.
 *
 * @param a [rowsA, width], row-major
 * @param b [rowsB, width], row-major
 * @returns [rowsA, rowsB], row-major
 * @throws SynestheteError ENGINE_FAILED
 */
export async function productOnEngine(
  engine: Engine,
  a: Float32Array,
  b: Float32Array,
  width: number,
): Promise<Float32Array> {
  const graph = new Graph('product');
  const shapeA = [a.length / width, width];
  const shapeB = [b.length / width, width];
  const left = graph.input('a', shapeA);
  graph.output('product', gemm(left, graph.input('b', shapeB), { transposeB: true }));
  const session = await engine.load(graph);
  try {
    const { product } = await session.run({
      a: { dtype: 'float32', shape: shapeA, data: a },
      b: { dtype: 'float32', shape: shapeB, data: b },
    });
    return product!.data as Float32Array;
  } finally {
    await session.close();
  }
}
