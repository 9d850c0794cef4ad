import { CLIP_SAMPLES, FEATURE_ROWS, FRAME_COUNT } from '../features/index.ts';
import { Graph, concat, reshape } from '../graph/index.ts';
import type { Hardware, Tensor } from '../graph/index.ts';
import {
  FROZEN_INCEPTION_LAYERS,
  INCEPTION_SIDE,
  clipBranch,
  clipShape,
  inceptionFeatures,
  inferenceLayers,
  moodOf,
  nsfwjsWeights,
  pictureBranch,
  pictureShape,
  pixelPlanes,
  pooledStatistics,
  resnetFeatures,
  similarityOf,
  torchvisionPixels,
  unsafeHead,
  unsafeProbability,
} from '../networks/index.ts';
import type { SystemSettings, Weights } from '../networks/index.ts';
import { featuresOfSamples, logSpectrogramOfSamples } from '../networks/sound/index.ts';
import type { ModelGraphs } from './model.ts';

/** What a trained model is made of. */
export interface TrainedParts {
  readonly weights: Weights;
  readonly settings: SystemSettings;
  /** Of a frozen ResNet-50. */
  readonly backbone: Weights | null;
}

/** Whether the picture side starts from the frozen Inception-v3 of nsfwjs. */
export function hasFrozenInception({ imageFrozen, imageBackbone }: SystemSettings): boolean {
  return imageFrozen && imageBackbone === 'inception-v3';
}

/** The side of the squares that pictures are given as. What a frozen Inception-v3 learnt from was of its own size. */
export function pictureSide(settings: SystemSettings): number {
  return hasFrozenInception(settings) ? INCEPTION_SIDE : settings.imageSize;
}

/** L3-Net reads the samples of a clip, all others its features. */
export function hearsSamples({ system }: SystemSettings): boolean {
  return system === 'l3-net';
}

/** @param x pixels, or the features of a frozen Inception-v3 */
function readPicture(x: Tensor, { weights, settings, backbone }: TrainedParts): void {
  const { graph } = x;
  const layers = inferenceLayers(graph, weights);
  const input = backbone
    ? resnetFeatures(inferenceLayers(graph, backbone), torchvisionPixels(x), 50, settings.width)
    : x;
  const branch = pictureBranch(layers, input, settings);
  graph.output('embedding', branch.embedding);
  graph.output('mood', moodOf(layers, branch.features, 'picture', settings));
}

/** @param x features, or the log-spectrogram of L3-Net */
function readClip(x: Tensor, { weights, settings }: TrainedParts): void {
  const layers = inferenceLayers(x.graph, weights);
  const branch = clipBranch(layers, x, settings);
  x.graph.output('embedding', branch.embedding);
  x.graph.output('mood', moodOf(layers, branch.features, 'clip', settings));
}

/**
 * `x` to `embedding` and `mood`, where what is computed beforehand is left out: the frozen Inception-v3, which tells
 * `unsafe` anyway.
 */
export function pictureSideGraph(parts: TrainedParts, batch: number): Graph {
  const { settings, backbone } = parts;
  const graph = new Graph(`${settings.system}: pictures`);
  const square = [settings.imageSize, settings.imageSize, 3];
  readPicture(graph.input('x', [batch, ...(backbone ? square : pictureShape(settings))]), parts);
  return graph;
}

/**
 * `x` to `embedding` and `mood`. On a GPU x is samples [batch, 44100]: the whole way from the sound is one graph. On the
 * cpu it is what the kernels make of them in a fifth of the time.
 */
export function clipSideGraph(parts: TrainedParts, batch: number, hardware: Hardware): Graph {
  const { settings } = parts;
  const graph = new Graph(`${settings.system}: clips`, hardware);
  if (hardware === 'cpu') readClip(graph.input('x', [batch, ...clipShape(settings)]), parts);
  else readClip(soundOf(graph.input('x', [batch, CLIP_SAMPLES]), settings), parts);
  return graph;
}

/** What the clip branch reads, from samples [batch, 44100]. */
function soundOf(samples: Tensor, settings: SystemSettings): Tensor {
  return hearsSamples(settings) ? logSpectrogramOfSamples(samples) : featuresOfSamples(samples);
}

async function pictureGraph(parts: TrainedParts, batch: number): Promise<Graph> {
  const graph = new Graph('picture');
  const side = pictureSide(parts.settings);
  const pixels = graph.input('pixels', [batch, side, side, 3]);
  // The network of nsfwjs tells of no other squares whether they are unsafe.
  if (side !== INCEPTION_SIDE) readPicture(pixels, parts);
  else {
    const trunk = inferenceLayers(graph, await nsfwjsWeights());
    const features = inceptionFeatures(trunk, pixelPlanes(pixels));
    const means = (): Tensor =>
      concat(
        FROZEN_INCEPTION_LAYERS.map((layer) => pooledStatistics(features.get(layer)!).mean),
        1,
      );
    readPicture(hasFrozenInception(parts.settings) ? means() : pixels, parts);
    graph.output('unsafe', unsafeProbability(unsafeHead(trunk, features.get('mixed10')!)));
  }
  return graph;
}

function musicGraph(parts: TrainedParts, batch: number): Graph {
  const graph = new Graph('music');
  if (hearsSamples(parts.settings))
    readClip(soundOf(graph.input('samples', [batch, CLIP_SAMPLES]), parts.settings), parts);
  else readClip(graph.input('features', [batch, FEATURE_ROWS, FRAME_COUNT]), parts);
  return graph;
}

function similarityGraph({ weights, settings }: TrainedParts, batch: number): Graph {
  const graph = new Graph('similarity');
  const picture = graph.input('picture', [batch, settings.embedding]);
  const clip = graph.input('clip', [batch, settings.embedding]);
  const similarity = similarityOf(inferenceLayers(graph, weights), picture, clip, 'sampled', settings);
  graph.output('similarity', reshape(similarity, [batch, 1]));
  return graph;
}

/**
 * A trained model whole, for other programs.
 * @throws SynestheteError OTHER_ARCHITECTURE, BROKEN_INSTALL
 */
export async function trainedGraphs(parts: TrainedParts, batch: number): Promise<ModelGraphs> {
  return {
    picture: await pictureGraph(parts, batch),
    music: musicGraph(parts, batch),
    ...(parts.settings.predictsSimilarity ? { similarity: similarityGraph(parts, batch) } : {}),
  };
}
