import { FEATURE_ROWS, FRAME_COUNT } from '../features/index.ts';
import { concat, Graph, type Tensor } from '../graph/index.ts';
import {
  INCEPTION_SIDE,
  inceptionFeatures,
  inferenceLayers,
  pixelPlanes,
  pooledStatistics,
  unsafeHead,
  unsafeProbability,
  type MixedLayer,
  type Weights,
} from '../networks/index.ts';
import { clipStatistics } from '../encoders/index.ts';
import { readSide } from './side-graph.ts';
import type { Side } from './side.ts';

/**
 * Pixels [batch, 299, 299, 3] on 0..255 to `embedding`, `mood` and `unsafe`; see ModelGraphs.
 *
 * @param weights of the Inception of nsfwjs.
 */
export function pictureGraph(
  weights: Weights,
  layers: readonly MixedLayer[],
  side: Side,
  batch: number,
): Graph {
  const graph = new Graph('picture');
  const built = inferenceLayers(graph, weights);
  const pixels = graph.input('pixels', [batch, INCEPTION_SIDE, INCEPTION_SIDE, 3]);
  const features = inceptionFeatures(built, pixelPlanes(pixels));
  const statistics = concat(
    layers.flatMap((layer) => {
      const { mean, deviation } = pooledStatistics(features.get(layer)!);
      return [mean, deviation];
    }),
    1,
  );
  addReading(graph, side, statistics);
  graph.output('unsafe', unsafeProbability(unsafeHead(built, features.get('mixed10')!)));
  return graph;
}

/** Features [batch, 193, 87] to `embedding` and `mood`; without a side to `statistics`, [batch, CLIP_STATISTICS]. */
export function musicGraph(side: Side | undefined, batch: number): Graph {
  const graph = new Graph('music');
  const statistics = clipStatistics(graph.input('features', [batch, FEATURE_ROWS, FRAME_COUNT]));
  if (side === undefined) graph.output('statistics', statistics);
  else addReading(graph, side, statistics);
  return graph;
}

function addReading(graph: Graph, side: Side, statistics: Tensor): void {
  const { embedding, mood } = readSide(side, statistics);
  graph.output('embedding', embedding);
  graph.output('mood', mood);
}
