import { PICTURE_ENCODERS, PICTURE_SQUARE, WINDOW_SAMPLES, encodeSamples } from '../../encoders/index.ts';
import type { LoadedClipEncoder, PictureEncoderName } from '../../encoders/index.ts';
import { Graph, concat, mul, reshape } from '../../graph/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { inferenceLayers, similarityOf } from '../../networks/index.ts';
import type { Weights } from '../../networks/index.ts';
import { centred, mapCentred, mapCoordinates } from './coordinates.ts';
import type { CoordinateMap } from './coordinates.ts';
import { moodOfEmbedding, project, systemOf } from './network.ts';
import type { CdcmlSettings } from './settings.ts';
import { withTaste } from './taste.ts';
import type { Taste } from './taste.ts';

/** A trained model's numbers, for building graphs. */
export interface CdcmlParts {
  readonly settings: CdcmlSettings;
  readonly picture: CoordinateMap;
  readonly music: CoordinateMap;
  /** Weights of the projections and predictors. */
  readonly weights: Weights;
  /** What a person's corrections add to the moods of pictures. */
  readonly taste?: Taste | undefined;
}

/** Coordinates [batch, size] to outputs `embedding` and `mood`. */
export function readCoordinates(
  parts: Pick<CdcmlParts, 'settings' | 'weights' | 'taste'>,
  side: 'image' | 'music',
  coordinates: Tensor,
): void {
  const { graph } = coordinates;
  const layers = inferenceLayers(graph, parts.weights);
  const embedding = project(layers, side, coordinates, parts.settings.embedding);
  graph.output('embedding', embedding);
  const mood = moodOfEmbedding(layers, embedding, parts.settings);
  graph.output('mood', side === 'image' && parts.taste ? withTaste(parts.taste, mood, embedding) : mood);
}

/** What `pictureGraph` calls the features of an ONNX encoder. */
export const ONNX_FEATURES = 'features';

/**
 * `pixels` [batch, 260, 260, 3] to `embedding`, `mood` and `unsafe`; with an ONNX encoder also of its `features` [batch, width].
 * @param encoders the weights of the bundled encoders that run
 */
export function pictureGraph(
  parts: CdcmlParts,
  encoders: ReadonlyMap<PictureEncoderName, Weights>,
  batch: number,
): Graph {
  const graph = new Graph('picture');
  const features = encodePixels(graph, parts.settings.picture, encoders, batch);
  readCoordinates(parts, 'image', mapCoordinates(parts.picture, concat(features, 1)));
  return graph;
}

/**
 * Adds the inputs `pixels` and, with an ONNX encoder, `features`, and the output `unsafe`.
 * @returns the features of each encoder that the model learns from, [batch, its width]
 */
function encodePixels(
  graph: Graph,
  { encoders: learnt, onnx }: CdcmlSettings['picture'],
  encoders: ReadonlyMap<PictureEncoderName, Weights>,
  batch: number,
): Tensor[] {
  const pixels = graph.input('pixels', [batch, PICTURE_SQUARE, PICTURE_SQUARE, 3]);
  const features: Tensor[] = [];
  for (const [name, weights] of encoders) {
    const encoded = PICTURE_ENCODERS[name].build(pixels, weights);
    if (learnt.includes(name)) features.push(encoded.features);
    if (encoded.unsafe) graph.output('unsafe', encoded.unsafe);
  }
  if (onnx) features.push(graph.input(ONNX_FEATURES, [batch, onnx.output.width]));
  return features;
}

/**
 * `pixels` [1, 260, 260, 3] to `unsafe` and, for every coalition of the n encoders, `embedding` and `mood` [2^n, …]. In the
 * coalition c encoder i takes part where bit i of c is set; the features of the others are at their mean over the training data.
 */
export function pictureCoalitionsGraph(
  parts: CdcmlParts,
  encoders: ReadonlyMap<PictureEncoderName, Weights>,
): Graph {
  const graph = new Graph('coalitions of picture encoders');
  const features = encodePixels(graph, parts.settings.picture, encoders, 1);
  const widths = features.map(({ shape }) => shape[1]!);
  readCoordinates(parts, 'image', coalitions(parts.picture, concat(features, 1), widths));
  return graph;
}

/** The same for the features of clip encoders, `features` [1, width]. @param widths of each encoder */
export function clipCoalitionsGraph(parts: CdcmlParts, widths: readonly number[]): Graph {
  const graph = new Graph('coalitions of clip encoders');
  const features = graph.input('features', [1, parts.music.mean.length]);
  readCoordinates(parts, 'music', coalitions(parts.music, features, widths));
  return graph;
}

/** @returns [2^n, components]: coordinates with only the encoders of each coalition */
function coalitions(map: CoordinateMap, features: Tensor, widths: readonly number[]): Tensor {
  const width = map.mean.length;
  const count = 2 ** widths.length;
  const encoderOf = widths.flatMap((columns, encoder) => Array.from({ length: columns }, () => encoder));
  const members = Float32Array.from({ length: count * width }, (_, i) => {
    const [coalition, column] = [Math.floor(i / width), i % width];
    return (coalition >> encoderOf[column]!) & 1;
  });
  const mask = features.graph.constant('members', [count, width], members);
  return mapCentred(map, mul(centred(map, features), mask));
}

/** Features of the clip encoders, `features` [batch, width], to `embedding` and `mood`. */
export function clipFeaturesGraph(parts: CdcmlParts, batch: number): Graph {
  const graph = new Graph('clip features');
  const features = graph.input('features', [batch, parts.music.mean.length]);
  readCoordinates(parts, 'music', mapCoordinates(parts.music, features));
  return graph;
}

/** `samples` [batch, 66150], a clip with the second before it, to `embedding` and `mood`. */
export function musicGraph(parts: CdcmlParts, encoders: readonly LoadedClipEncoder[], batch: number): Graph {
  const graph = new Graph('music');
  const samples = graph.input('samples', [batch, WINDOW_SAMPLES]);
  readCoordinates(parts, 'music', mapCoordinates(parts.music, encodeSamples(samples, encoders)));
  return graph;
}

/** `picture` and `clip`, embeddings [batch, width], to `similarity` [batch, 1]. */
export function similarityGraph({ settings, weights }: CdcmlParts, batch: number): Graph {
  const graph = new Graph('similarity');
  const shape = [batch, settings.embedding];
  const layers = inferenceLayers(graph, weights);
  const [picture, clip] = [graph.input('picture', shape), graph.input('clip', shape)];
  const similarity = similarityOf(layers, picture, clip, 'sampled', systemOf(settings));
  graph.output('similarity', reshape(similarity, [batch, 1]));
  return graph;
}
