import type { Tensor } from '../graph/index.ts';
import type { Weights } from '../networks/index.ts';
import type { SquashedSize } from '../pictures/index.ts';

export const PICTURE_ENCODER_NAMES = ['efficientnet-lite0', 'efficientnet-lite2', 'open-nsfw'] as const;

export type PictureEncoderName = (typeof PICTURE_ENCODER_NAMES)[number];

/** Pixels on a side of the square that every picture encoder takes, so that each picture is squashed only once. */
export const PICTURE_SQUARE = 260;

/** How a picture is squashed for the encoders: see `squash`. */
export const ENCODER_INPUT = {
  width: PICTURE_SQUARE,
  height: PICTURE_SQUARE,
  kernel: 'cubic',
} as const satisfies SquashedSize;

/** The output of an encoder. */
export interface PictureFeatures {
  /** [batch, encoder.features] */
  readonly features: Tensor;
  /** Probability [batch, 1] that a picture is pornographic, if the encoder gives one. */
  readonly unsafe?: Tensor;
}

/** A frozen network that turns a picture into features. */
export interface PictureEncoder {
  readonly name: PictureEncoderName;
  /** SPDX name of the licence of its weights; NOTICE has its text. */
  readonly licence: string;
  /** Where its weights come from. */
  readonly source: string;
  /** Numbers in its features, and in each block of them, pooled from one layer. */
  readonly features: number;
  readonly blocks: readonly number[];
  /**
   * Adds it to the graph of `pixels`. Its constants are named `NAME.…`, so that several share a graph.
   * @param pixels [batch, PICTURE_SQUARE, PICTURE_SQUARE, 3], sRGB 0..255: the whole picture, squashed by the cubic
   *   kernel (see `squash`)
   * @param weights of `readEncoderWeights(name)`
   * @throws SynestheteError OTHER_ARCHITECTURE when a weight is missing or of another shape
   */
  build(pixels: Tensor, weights: Weights): PictureFeatures;
}
