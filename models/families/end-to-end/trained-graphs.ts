import { ENCODER_INPUT, PICTURE_ENCODERS, readEncoderWeights } from '../../encoders/index.ts';
import type { PictureEncoderName, PictureFeatures } from '../../encoders/index.ts';
import { CLIP_SAMPLES, FEATURE_ROWS, FRAME_COUNT } from '../../features/index.ts';
import { Graph, reshape } from '../../graph/index.ts';
import type { Hardware, Tensor } from '../../graph/index.ts';
import type { ModelGraphs } from '../../model/index.ts';
import {
  clipBranch,
  clipShape,
  inferenceLayers,
  moodOf,
  pictureBranch,
  pictureShape,
  pictureSquare,
  resnetFeatures,
  similarityOf,
  torchvisionPixels,
} from '../../networks/index.ts';
import type { SystemSettings, Weights } from '../../networks/index.ts';
import { featuresOfSamples, logSpectrogramOfSamples } from '../../networks/sound/index.ts';
import type { SquashedSize } from '../../pictures/index.ts';

/** The parts of a trained model. */
export interface TrainedParts {
  readonly weights: Weights;
  readonly settings: SystemSettings;
  /** Weights of a frozen ResNet-50. */
  readonly backbone: Weights | null;
}

/** The bundled encoder that the picture branch starts from, if any. */
export function frozenEncoder({ imageFrozen, imageBackbone }: SystemSettings): PictureEncoderName | null {
  return imageFrozen && imageBackbone !== 'resnet50' ? imageBackbone : null;
}

/** The size that pictures are squashed to. An encoder has its own square, whatever the settings say. */
export function pictureInput(settings: SystemSettings): SquashedSize {
  return frozenEncoder(settings) ? ENCODER_INPUT : pictureSquare(settings);
}

/** Whether an encoder can take pictures squashed this way. */
export function isEncoderInput({ width, height, kernel }: SquashedSize): boolean {
  return width === ENCODER_INPUT.width && height === ENCODER_INPUT.height && kernel === ENCODER_INPUT.kernel;
}

/** L3-Net reads the samples of a clip, all others its features. */
export function hearsSamples({ system }: SystemSettings): boolean {
  return system === 'l3-net';
}

/** @param x pixels, or the features of an encoder of the package */
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
 * `x` to `embedding` and `mood`, without a bundled encoder: that one runs in one session with the network for `unsafe`.
 */
export function pictureSideGraph(parts: TrainedParts, batch: number): Graph {
  const { settings, backbone } = parts;
  const graph = new Graph(`${settings.system}: pictures`);
  const square = [settings.imageSize, settings.imageSize, 3];
  readPicture(graph.input('x', [batch, ...(backbone ? square : pictureShape(settings))]), parts);
  return graph;
}

/**
 * `x` to `embedding` and `mood`. On a GPU x is samples [batch, 44100]: one graph does everything from the sound on. On
 * the cpu x is what the kernels compute from them in a fifth of the time.
 */
export function clipSideGraph(parts: TrainedParts, batch: number, hardware: Hardware): Graph {
  const { settings } = parts;
  const graph = new Graph(`${settings.system}: clips`, hardware);
  if (hardware === 'cpu') readClip(graph.input('x', [batch, ...clipShape(settings)]), parts);
  else readClip(soundOf(graph.input('x', [batch, CLIP_SAMPLES]), settings), parts);
  return graph;
}

/** The input of the clip branch, from samples [batch, 44100]. */
function soundOf(samples: Tensor, settings: SystemSettings): Tensor {
  return hearsSamples(settings) ? logSpectrogramOfSamples(samples) : featuresOfSamples(samples);
}

async function pictureGraph(parts: TrainedParts, batch: number): Promise<Graph> {
  const { settings } = parts;
  const graph = new Graph('picture');
  const square = pictureInput(settings);
  const pixels = graph.input('pixels', [batch, square.height, square.width, 3]);
  const encode = async (name: PictureEncoderName): Promise<PictureFeatures> =>
    PICTURE_ENCODERS[name].build(pixels, await readEncoderWeights(name));
  const encoder = frozenEncoder(settings);
  readPicture(encoder ? (await encode(encoder)).features : pixels, parts);
  // open-nsfw takes no other square.
  if (isEncoderInput(square)) graph.output('unsafe', (await encode('open-nsfw')).unsafe!);
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
 * The whole trained model in one graph, for other programs.
 * @throws SynestheteError OTHER_ARCHITECTURE, BROKEN_INSTALL
 */
export async function trainedGraphs(parts: TrainedParts, batch: number): Promise<ModelGraphs> {
  return {
    picture: await pictureGraph(parts, batch),
    music: musicGraph(parts, batch),
    ...(parts.settings.predictsSimilarity ? { similarity: similarityGraph(parts, batch) } : {}),
  };
}
