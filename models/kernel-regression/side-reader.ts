import type { Engine, Session } from '../engine/index.ts';
import {
  add,
  concat,
  exp,
  gemm,
  Graph,
  matmul,
  maximum,
  minimum,
  mul,
  reduceSum,
  relu,
  slice,
  square,
  sub,
} from '../graph/index.ts';
import { EMBEDDING_SIZE } from '../serving/index.ts';
import type { Reading } from '../serving/index.ts';
import type { Side } from './side.ts';

/** Numbers of an embedding that are the reading itself: valence and arousal, as deviations from the side's mean. */
const READING_SIZE = 2;

/**
 * Statistics to embedding as one graph: the map's coordinates, the kernel with every row, the regression. An embedding
 * is the predicted valence and arousal, less their means, and then the first 510 coordinates (0 where there are fewer),
 * so that valence and arousal are linear in it.
 */
export function sideGraph(side: Side, batchSize: number): Graph {
  const { map, gamma, rows, rest, coefficients } = side;
  const width = map.mean.length;
  const size = map.components.length / width;
  const count = rest.length;
  const graph = new Graph('kernel regression');
  const line = (name: string, values: Float32Array) => graph.constant(name, [1, values.length], values);

  const statistics = graph.input('statistics', [batchSize, width]);
  const bound = line('bound', map.bound);
  const standard = mul(sub(statistics, line('mean', map.mean)), line('scale', map.scale));
  const limited = maximum(minimum(standard, bound), mul(bound, -1));
  const centred = sub(limited, line('centre', map.centre));
  const components = graph.constant('components', [size, width], map.components);
  const coordinates = gemm(centred, components, { transposeB: true });

  const all = graph.constant('rows', [count, size], rows);
  const lengths = line('lengths', rowLengths(rows, rest));
  const products = gemm(coordinates, all, { transposeB: true });
  // With what the coordinates leave out, their length is that of all columns.
  const length = reduceSum(square(centred), [1], true);
  const distances = relu(sub(add(length, lengths), mul(products, 2)));
  const kernel = exp(mul(distances, -gamma));
  const deviations = matmul(kernel, graph.constant('coefficients', [count, READING_SIZE], coefficients));

  const room = EMBEDDING_SIZE - READING_SIZE;
  const kept = slice(coordinates, [{ axis: 1, start: 0, end: Math.min(size, room) }]);
  const parts = [deviations, kept];
  if (size < room) {
    const missing = room - size;
    parts.push(graph.constant('nothing', [batchSize, missing], new Float32Array(batchSize * missing)));
  }
  graph.output('embedding', concat(parts, 1));
  return graph;
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

/** One at a time: a batch on the cpu takes as many times as long, and a half-filled one wastes the rest. */
const BATCH_SIZE = 1;

/** Reads statistics of pictures, or of clips, on an engine. */
export class SideReader {
  readonly #session: Session;
  readonly #side: Side;

  private constructor(session: Session, side: Side) {
    this.#session = session;
    this.#side = side;
  }

  /** @throws SynestheteError ENGINE_FAILED */
  static async open(engine: Engine, side: Side): Promise<SideReader> {
    return new SideReader(await engine.load(sideGraph(side, BATCH_SIZE)), side);
  }

  /** @throws SynestheteError ENGINE_FAILED */
  async read(statistics: Float32Array): Promise<Reading> {
    const feeds = {
      statistics: { dtype: 'float32' as const, shape: [BATCH_SIZE, statistics.length], data: statistics },
    };
    const { embedding: found } = await this.#session.run(feeds);
    const embedding = Float32Array.from(found!.data as Float32Array);
    const { valence, arousal } = this.#side.mean;
    return {
      embedding,
      valence: unit(valence + embedding[0]!),
      arousal: unit(arousal + embedding[1]!),
    };
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}

function unit(value: number): number {
  return Math.min(1, Math.max(0, value));
}
