import { add, clip, concat, div, log, mul, reshape, slice, sub, transpose } from '../graph/index.ts';
import type { Tensor } from '../graph/index.ts';
import type { Layers } from './layers.ts';

/** Normalisation of the features of music before a network; see `normaliseRows`. */
export const FEATURE_NORMALISATIONS = ['log-mel', 'power', 'none'] as const;

export type FeatureNormalisation = (typeof FEATURE_NORMALISATIONS)[number];

/** Rows of the 193 that hold the mel spectrogram as power. */
export const MEL_ROWS = { first: 52, end: 180 } as const;

/** Mean and deviation of each channel of ImageNet, on [0, 1], for the input of torchvision's networks. */
const IMAGENET_MEAN = [0.485, 0.456, 0.406];
const IMAGENET_DEVIATION = [0.229, 0.224, 0.225];

/** Least power in decibels, as in librosa's `power_to_db`. */
const LEAST_POWER = 1e-10;

/**
 * Normalises pixels for torchvision's networks.
 * @param x [batch, height, width, 3], sRGB 0..255
 * @returns [batch, 3, height, width]
 */
export function torchvisionPixels(x: Tensor): Tensor {
  const vector = (values: readonly number[]): Tensor =>
    x.graph.constant(x.graph.unusedName('pixel'), [1, 3, 1, 1], Float32Array.from(values));
  const planes = transpose(x, [0, 3, 1, 2]);
  const centred = sub(planes, vector(IMAGENET_MEAN.map((value) => 255 * value)));
  return mul(centred, vector(IMAGENET_DEVIATION.map((value) => 1 / (255 * value))));
}

/** Pixels on [−1, 1], channels first; see `torchvisionPixels`. */
export function centredPixels(x: Tensor): Tensor {
  return add(mul(transpose(x, [0, 3, 1, 2]), 1 / 127.5), -1);
}

/**
 * The mel rows of the 193 (power) in decibels, 10 log₁₀ max(10⁻¹⁰, power); the other rows unchanged.
 * @param x [batch, 193, frames]
 */
function melInDecibels(x: Tensor): Tensor {
  const rows = x.shape[1]!;
  const cut = (start: number, end: number): Tensor => slice(x, [{ axis: 1, start, end }]);
  const power = clip(cut(MEL_ROWS.first, MEL_ROWS.end), LEAST_POWER, 1e30);
  const decibels = mul(log(power), 10 / Math.LN10);
  return concat([cut(0, MEL_ROWS.first), decibels, cut(MEL_ROWS.end, rows)], 1);
}

/**
 * Each row minus its mean over the training data, divided by its deviation: `name.mean`, `name.deviation` [rows]. For
 * `log-mel` the mel rows are in decibels first. `none` changes nothing.
 * @param x [batch, rows, frames]
 */
export function normaliseRows(
  layers: Layers,
  x: Tensor,
  name: string,
  normalisation: FeatureNormalisation,
): Tensor {
  if (normalisation === 'none') return x;
  const rows = x.shape[1]!;
  const column = (part: string): Tensor => reshape(layers.statistic(`${name}.${part}`, [rows]), [1, rows, 1]);
  const values = normalisation === 'log-mel' ? melInDecibels(x) : x;
  return div(sub(values, column('mean')), column('deviation'));
}

/** As `normaliseRows`, of feature vectors [batch, features]. */
export function normaliseVectors(layers: Layers, x: Tensor, name: string): Tensor {
  const features = x.shape[1]!;
  const row = (part: string): Tensor =>
    reshape(layers.statistic(`${name}.${part}`, [features]), [1, features]);
  return div(sub(x, row('mean')), row('deviation'));
}
