import {
  add,
  clip,
  concat,
  exp,
  gemm,
  matmul,
  maximum,
  minimum,
  mul,
  reduceSum,
  relu,
  slice,
  square,
  sub,
  type Tensor,
} from '../graph/index.ts';
import { EMBEDDING_SIZE } from '../serving/index.ts';
import type { Side } from './side.ts';

/** Numbers of an embedding that are the reading itself: valence and arousal, as deviations from the side's mean. */
const READING_SIZE = 2;

/**
 * Statistics to embedding, as part of a graph: the map's coordinates, the kernel with every row, the regression. An
 * embedding is the predicted valence and arousal, less their means, and then the first 510 coordinates (0 where there
 * are fewer), so that valence and arousal are linear in it: they are its first two numbers and the means.
 *
 * @param statistics [batch, width]
 * @returns embedding [batch, EMBEDDING_SIZE]; mood [batch, 2], valence and arousal, limited to [0, 1]
 */
export function readSide(side: Side, statistics: Tensor): { embedding: Tensor; mood: Tensor } {
  const { map, gamma, mean, rows, rest, coefficients } = side;
  const { graph, shape } = statistics;
  const batch = shape[0]!;
  const width = map.mean.length;
  const size = map.components.length / width;
  const count = rest.length;
  const line = (name: string, values: Float32Array) => graph.constant(name, [1, values.length], values);

  const bound = line('bound', map.bound);
  const standard = mul(sub(statistics, line('mean', map.mean)), line('scale', map.scale));
  const centred = sub(maximum(minimum(standard, bound), mul(bound, -1)), line('centre', map.centre));
  const components = graph.constant('components', [size, width], map.components);
  const coordinates = gemm(centred, components, { transposeB: true });

  const all = graph.constant('rows', [count, size], rows);
  const products = gemm(coordinates, all, { transposeB: true });
  // The length of all columns is that of the coordinates and of what they leave out.
  const lengths = add(reduceSum(square(centred), [1], true), line('lengths', rowLengths(rows, rest)));
  const kernel = exp(mul(relu(sub(lengths, mul(products, 2))), -gamma));
  const deviations = matmul(kernel, graph.constant('coefficients', [count, READING_SIZE], coefficients));

  const room = EMBEDDING_SIZE - READING_SIZE;
  const parts = [deviations, slice(coordinates, [{ axis: 1, start: 0, end: Math.min(size, room) }])];
  if (size < room) {
    const missing = batch * (room - size);
    parts.push(graph.constant('nothing', [batch, room - size], new Float32Array(missing)));
  }
  const means = line('means', Float32Array.of(mean.valence, mean.arousal));
  return { embedding: concat(parts, 1), mood: clip(add(deviations, means), 0, 1) };
}

/** Squared lengths of the rows, with what their coordinates leave out. */
function rowLengths(rows: Float32Array, rest: Float32Array): Float32Array {
  const size = rows.length / rest.length;
  return rest.map((left, r) => {
    let sum = left;
    for (let k = 0; k < size; k++) sum += rows[r * size + k]! ** 2;
    return sum;
  });
}
