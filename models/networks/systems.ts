import { concat, expand, mul, reduceMean, relu, reshape, slice } from '../graph/index.ts';
import type { Shape, Tensor } from '../graph/index.ts';
import { pairHalf, pairPredictor, predictor } from './heads.ts';
import type { HeadOptions, PairSide } from './heads.ts';
import { centredPixels, normaliseRows, normaliseVectors, torchvisionPixels } from './inputs.ts';
import type { FeatureNormalisation } from './inputs.ts';
import { efficientNetLite, efficientNetPixels } from './efficientnet-lite.ts';
import { l3Features } from './l3.ts';
import { prefixed } from './layers.ts';
import type { Layers } from './layers.ts';
import { resnetFeatures } from './resnet.ts';
import type { SquashedSize } from '../pictures/index.ts';
import { unitRows } from './unit-length.ts';

/** The method and its rivals; see docs/method.md. */
export const SYSTEM_NAMES = ['cdcml', 'sp-net', 'l3-net', 'acp-net'] as const;

export type SystemName = (typeof SYSTEM_NAMES)[number];

export const IMAGE_BACKBONES = ['resnet50', 'efficientnet-lite0', 'efficientnet-lite2'] as const;

export type ImageBackbone = (typeof IMAGE_BACKBONES)[number];

/** The settings that determine a system's shapes; model.json keeps them as the settings of its architecture. */
export interface SystemSettings {
  readonly system: SystemName;
  readonly imageBackbone: ImageBackbone;
  /**
   * Whether the picture branch starts from pooled features of a frozen backbone: always in ACP-Net, never in L3-Net.
   */
  readonly imageFrozen: boolean;
  /** Numbers in the features of the frozen backbone. */
  readonly imageFeatures: number;
  /** Side in pixels of the square that pictures are squashed to. */
  readonly imageSize: number;
  readonly normalisation: FeatureNormalisation;
  /** Numbers in an embedding. */
  readonly embedding: number;
  /** Whether embeddings have the Euclidean length 1; see `unitRows`. */
  readonly unitLength: boolean;
  /** Channels after the stem of a ResNet, and in the first block of L3-Net: 64 in the papers. */
  readonly width: number;
  readonly similarityHidden: readonly number[];
  readonly moodHidden: readonly number[];
  readonly dropout: number;
  /** Whether a predictor of similarity is trained; without one, similarity comes from the predicted moods by (1). */
  readonly predictsSimilarity: boolean;
  /**
   * `shared`: one VA predictor for both modalities, trained with the rest (CDCML); `apart`: one for each (SP-Net);
   * `afterwards`: a shared one, trained on the learned features after everything else.
   */
  readonly moods: 'shared' | 'apart' | 'afterwards';
}

/** The output of one modality's branch. */
export interface Branch {
  /** The input of a VA predictor, [batch, featureWidth(settings)]. */
  readonly features: Tensor;
  /** [batch, settings.embedding] */
  readonly embedding: Tensor;
}

/** Frequencies and frames of L3-Net's spectrogram, and rows and frames of all other systems' features. */
const SPECTROGRAM_SHAPE = [257, 199] as const;
const FEATURE_SHAPE = [193, 87] as const;

/** [rows, columns] of the music branch's input for a clip. */
export function clipShape({ system }: SystemSettings): readonly [number, number] {
  return system === 'l3-net' ? SPECTROGRAM_SHAPE : FEATURE_SHAPE;
}

/** The shape of the picture branch's input for a picture. */
export function pictureShape({ imageFrozen, imageFeatures, imageSize }: SystemSettings): Shape {
  return imageFrozen ? [imageFeatures] : [imageSize, imageSize, 3];
}

/** The square that the picture branch's pixels are squashed to: EfficientNet-lite was trained on bicubic ones. */
export function pictureSquare({
  system,
  imageBackbone,
  imageSize,
}: Pick<SystemSettings, 'system' | 'imageBackbone' | 'imageSize'>): SquashedSize {
  const isBicubic = system !== 'l3-net' && imageBackbone !== 'resnet50';
  return { width: imageSize, height: imageSize, ...(isBicubic && { kernel: 'cubic' }) };
}

/** The side in pixels at which a backbone was trained. */
export const BACKBONE_SIDES: Readonly<Record<ImageBackbone, number>> = {
  resnet50: 224,
  'efficientnet-lite0': 224,
  'efficientnet-lite2': 260,
};

/** Prefix of the weights of a frozen ResNet-50 in a model's file; those of EfficientNet-lite come with the package. */
export const BACKBONE_PREFIX = 'backbone.';

/**
 * Width of the VA predictor's input. ACP-Net's features are twice as wide as its embedding: 1024 and 512 in
 * docs/method.md.
 */
export function featureWidth({ system, embedding }: SystemSettings): number {
  return system === 'acp-net' ? 2 * embedding : embedding;
}

/** Prefix of the parameters of the predictor of similarity. */
export const SIMILARITY = 'similarity';

/** The hidden layers of the predictor of similarity on concat(picture, clip). */
export function similarityOptions(settings: SystemSettings): HeadOptions {
  const { system, similarityHidden, dropout, embedding, width } = settings;
  // L3-Net: 1024 → 128 → out; ACP-Net: 2048 → 512 → 32 → out.
  if (system === 'l3-net') return { hidden: [2 * width], normalised: false, dropout: 0 };
  if (system === 'acp-net') return { hidden: [embedding, 32], normalised: false, dropout: 0 };
  return { hidden: similarityHidden, normalised: true, dropout };
}

/**
 * ACP-Net's features are wide, so its embeddings are the halves of the predictor's first layer, 512 in docs/method.md.
 */
export function embedsHalves({ system }: SystemSettings): boolean {
  return system === 'acp-net';
}

function branch(layers: Layers, features: Tensor, side: PairSide, settings: SystemSettings): Branch {
  if (embedsHalves(settings)) {
    const embedding = pairHalf(layers, features, side, SIMILARITY, similarityOptions(settings));
    return { features, embedding };
  }
  const embedding = settings.unitLength ? unitRows(features) : features;
  return { features: embedding, embedding };
}

/**
 * The part of the picture branch that treats each picture alone, apart from batch normalisation: all convolutions.
 * @param x [batch, …pictureShape(settings)], pixels sRGB 0..255
 * @returns [batch, numbers]; a frozen backbone's features unchanged
 */
export function pictureBackbone(layers: Layers, x: Tensor, settings: SystemSettings): Tensor {
  const { system, imageBackbone, imageFrozen, width } = settings;
  const image = prefixed(layers, 'image.');
  if (system === 'l3-net') return l3Features(image, centredPixels(x), width);
  if (imageFrozen) return x;
  switch (imageBackbone) {
    case 'resnet50':
      return resnetFeatures(image, torchvisionPixels(x), 50, width);
    case 'efficientnet-lite0':
      return efficientNetLite(image, efficientNetPixels(x), 'lite0').head;
    case 'efficientnet-lite2':
      return efficientNetLite(image, efficientNetPixels(x), 'lite2').head;
  }
}

/** Maps the output of `pictureBackbone` to the input of predictors. */
export function pictureHead(layers: Layers, pooled: Tensor, settings: SystemSettings): Branch {
  const { system, imageFrozen } = settings;
  if (system === 'l3-net') return branch(layers, pooled, 'picture', settings);
  const image = prefixed(layers, 'image.');
  const input = imageFrozen ? normaliseVectors(image, pooled, 'features') : pooled;
  const features = image.linear(input, 'fc', featureWidth(settings));
  return branch(layers, system === 'acp-net' ? relu(features) : features, 'picture', settings);
}

/** The picture branch of a system; see `pictureBackbone` and `pictureHead`. */
export function pictureBranch(layers: Layers, x: Tensor, settings: SystemSettings): Branch {
  return pictureHead(layers, pictureBackbone(layers, x, settings), settings);
}

/**
 * The part of the music branch that treats each clip alone, apart from batch normalisation.
 * @param x [batch, …clipShape(settings)]
 * @param mask applied to the normalised input: SpecAugment's masks, whose value is the mean of the row
 * @returns [batch, numbers]
 */
export function clipBackbone(
  layers: Layers,
  x: Tensor,
  settings: SystemSettings,
  mask: (normalised: Tensor) => Tensor = (normalised) => normalised,
): Tensor {
  const { system, width } = settings;
  const music = prefixed(layers, 'music.');
  // A spectrogram is already in decibels.
  const { normalisation } = settings;
  const kind = system === 'l3-net' && normalisation === 'log-mel' ? 'power' : normalisation;
  const input = mask(normaliseRows(music, x, 'features', kind));
  const [batch, rows, frames] = input.shape as [number, number, number];
  const plane = (): Tensor => reshape(input, [batch, 1, rows, frames]);
  switch (system) {
    case 'l3-net':
      return l3Features(music, plane(), width);
    case 'acp-net':
      return reduceMean(input, [2]);
    case 'cdcml':
    case 'sp-net':
      return resnetFeatures(music, expand(plane(), [batch, 3, rows, frames]), 18, width);
  }
}

/** Maps the output of `clipBackbone` to the input of predictors. */
export function clipHead(layers: Layers, pooled: Tensor, settings: SystemSettings): Branch {
  const { system, embedding } = settings;
  const music = prefixed(layers, 'music.');
  switch (system) {
    case 'l3-net':
      return branch(layers, pooled, 'clip', settings);
    case 'acp-net': {
      const first = relu(music.linear(pooled, '0', embedding));
      const second = relu(music.linear(first, '1', 4 * embedding));
      return branch(layers, relu(music.linear(second, '2', 2 * embedding)), 'clip', settings);
    }
    case 'cdcml':
    case 'sp-net':
      return branch(layers, music.linear(pooled, 'fc', embedding), 'clip', settings);
  }
}

/** The music branch of a system; see `clipBackbone` and `clipHead`. */
export function clipBranch(layers: Layers, x: Tensor, settings: SystemSettings): Branch {
  return clipHead(layers, clipBackbone(layers, x, settings), settings);
}

function moodOptions({ moodHidden, dropout }: SystemSettings): HeadOptions {
  return { hidden: moodHidden, normalised: true, dropout };
}

/**
 * Valence and arousal of one modality, [batch, 2] in (0, 1).
 * @param features of a Branch
 */
export function moodOf(layers: Layers, features: Tensor, side: PairSide, settings: SystemSettings): Tensor {
  const name = settings.moods === 'apart' ? `${side}-mood` : 'mood';
  return predictor(layers, features, name, 2, moodOptions(settings));
}

/** Valence and arousal of both in training: a shared predictor normalises both modalities as one batch. */
export function moodsOf(
  layers: Layers,
  pictures: Tensor,
  clips: Tensor,
  settings: SystemSettings,
): { readonly pictures: Tensor; readonly clips: Tensor } {
  if (settings.moods === 'apart') {
    return {
      pictures: moodOf(layers, pictures, 'picture', settings),
      clips: moodOf(layers, clips, 'clip', settings),
    };
  }
  const count = pictures.shape[0]!;
  const both = moodOf(layers, concat([pictures, clips], 0), 'picture', settings);
  const end = both.shape[0]!;
  return {
    pictures: slice(both, [{ axis: 0, start: 0, end: count }]),
    clips: slice(both, [{ axis: 0, start: count, end }]),
  };
}

/** Predicted similarity of pairs from the embeddings; see `pairPredictor`. */
export function similarityOf(
  layers: Layers,
  pictures: Tensor,
  clips: Tensor,
  pairs: 'dense' | 'sampled',
  settings: SystemSettings,
): Tensor {
  const options = similarityOptions(settings);
  const half = (x: Tensor, side: PairSide): Tensor =>
    embedsHalves(settings) ? x : pairHalf(layers, x, side, SIMILARITY, options);
  return pairPredictor(layers, half(pictures, 'picture'), half(clips, 'clip'), pairs, SIMILARITY, options);
}

/** Multiplies by masks of whole rows [batch, rows, 1] and whole frames [batch, 1, frames]. */
export function maskedBy(rowMask: Tensor, frameMask: Tensor): (x: Tensor) => Tensor {
  return (x) => mul(mul(x, rowMask), frameMask);
}
