import { add, concat, conv, mul, pad, reduceMax, reduceMean, relu, reshape } from '../graph/index.ts';
import type { Shape, Tensor } from '../graph/index.ts';
import type { Layers } from '../networks/index.ts';

/** Frames that a timbral filter hears, and bands. */
const TIMBRAL_FRAMES = 7;
const TIMBRAL_BANDS = [38, 67] as const;
const TIMBRAL_FILTERS = 204;
/** Frames on either side of a timbral frame that it depends on. */
export const TIMBRAL_REACH = (TIMBRAL_FRAMES - 1) / 2;
export const TIMBRAL_CHANNELS = TIMBRAL_BANDS.length * TIMBRAL_FILTERS;

const TEMPORAL_FRAMES = [128, 64, 32] as const;
const TEMPORAL_FILTERS = 51;

const MID_FILTERS = 64;
const MID_FRAMES = 7;
const MID_LAYERS = 3;

const FRONT_CHANNELS = TIMBRAL_CHANNELS + TEMPORAL_FRAMES.length * TEMPORAL_FILTERS;
/** Channels of all layers, whose means and maxima over time are features. */
export const MUSICNN_CHANNELS = FRONT_CHANNELS + MID_LAYERS * MID_FILTERS;
export const MUSICNN_PENULTIMATE = 200;

/** The output of musicnn for patches. */
export interface MusicnnOutputs {
  /** The penultimate layer, from which it predicts its tags, [batch, 200]. */
  readonly penultimate: Tensor;
  /** Over time, of all layers, [batch, 753]: timbral 2 · 204, temporal 3 · 51, mid-end 3 · 64. */
  readonly mean: Tensor;
  readonly max: Tensor;
}

/**
 * musicnn (Pons and Serra, "musicnn: Pre-trained convolutional neural networks for music audio tagging", 2019) up to
 * its penultimate layer. Equal to the original with the same weights; their half precision moves its outputs by 0.3 %.
 *
 * @param layers parameters by the names of models/encoders/make/musicnn.ts
 * @param patch log mel power [batch, 187, 96]
 */
export function musicnnFeatures(layers: Layers, patch: Tensor): MusicnnOutputs {
  const reach = [0, TIMBRAL_REACH, 0];
  const normal = normalisedPatch(layers, patch);
  return musicnnBack(layers, normal, timbralFrames(layers, pad(normal, reach, reach)));
}

/** The input of all first layers: the patch, scaled and shifted, with zeros around it. */
export function normalisedPatch(layers: Layers, patch: Tensor): Tensor {
  return add(mul(patch, layers.parameter('input.scale', [1])), layers.parameter('input.shift', [1]));
}

/**
 * The timbral layers, 7 frames by 38 and 67 bands, and their maxima over frequency: most of all the work.
 * @param rows of the normalised patch with 3 more on either side, [batch, frames + 6, 96]
 * @returns [batch, 408, frames]
 */
export function timbralFrames(layers: Layers, rows: Tensor): Tensor {
  return concat(
    TIMBRAL_BANDS.map((bands, i) =>
      loudest(layers, rows, `timbral.${i}`, [TIMBRAL_FILTERS, 1, TIMBRAL_FRAMES, bands]),
    ),
    1,
  );
}

/**
 * The layers beside and after the timbral ones: the temporal ones, 128, 64 and 32 frames long, the mid-end and the
 * pooling.
 * @param normal the normalised patch [batch, 187, 96]
 * @param timbral [batch, 408, 187]
 */
export function musicnnBack(layers: Layers, normal: Tensor, timbral: Tensor): MusicnnOutputs {
  const temporal = TEMPORAL_FRAMES.map((length, i) => {
    const [before, after] = [length / 2 - 1, length / 2];
    const rows = pad(normal, [0, before, 0], [0, after, 0]);
    return loudest(layers, rows, `temporal.${i}`, [TEMPORAL_FILTERS, 1, length, 1]);
  });
  const front = concat([timbral, ...temporal], 1);
  const first = midLayer(layers, front, 0);
  const second = add(midLayer(layers, first, 1), first);
  const third = add(midLayer(layers, second, 2), second);
  const all = concat([front, first, second, third], 1);
  const [max, mean] = [reduceMax(all, [2]), reduceMean(all, [2])];
  const pooled = scaled(layers, concat([max, mean], 1), 'pooled');
  const penultimate = scaled(layers, relu(layers.linear(pooled, 'dense', MUSICNN_PENULTIMATE)), 'dense');
  return { penultimate, mean, max };
}

/** Times `name.scale` plus `name.shift`, along the channels of [batch, channels, …]. */
function scaled(layers: Layers, x: Tensor, name: string): Tensor {
  const channels = x.shape[1]!;
  const shape = [1, channels, ...x.shape.slice(2).map(() => 1)];
  const along = (part: string): Tensor => reshape(layers.parameter(`${name}.${part}`, [channels]), shape);
  return add(mul(x, along('scale')), along('shift'));
}

/** Over time: [batch, channels, frames] to [batch, 64, frames]. */
function midLayer(layers: Layers, x: Tensor, index: number): Tensor {
  const [batch, channels, frames] = x.shape as [number, number, number];
  const name = `mid.${index}`;
  const y = conv(
    reshape(x, [batch, channels, 1, frames]),
    layers.parameter(`${name}.weight`, [MID_FILTERS, channels, 1, MID_FRAMES]),
    { pads: [0, 3, 0, 3], bias: layers.parameter(`${name}.bias`, [MID_FILTERS]) },
  );
  return scaled(layers, relu(reshape(y, [batch, MID_FILTERS, frames])), name);
}

/**
 * The maximum over frequency of a convolution that is rectified, scaled and shifted. It takes the maximum first, so
 * that it rectifies and scales one number instead of a row. A filter with a negative scale would need the minimum: the
 * weights hold such filters negated, and `name.sign` is -1.
 * @param rows [batch, frames, bands]
 * @param kernel [filters, 1, frames, bands]
 * @returns [batch, filters, frames]
 */
function loudest(layers: Layers, rows: Tensor, name: string, kernel: Shape): Tensor {
  const [batch, frames, bands] = rows.shape as [number, number, number];
  const filters = kernel[0]!;
  const filtered = conv(
    reshape(rows, [batch, 1, frames, bands]),
    layers.parameter(`${name}.weight`, kernel),
    {
      bias: layers.parameter(`${name}.bias`, [filters]),
    },
  );
  const sign = reshape(layers.parameter(`${name}.sign`, [filters]), [1, filters, 1]);
  return scaled(layers, relu(mul(reduceMax(filtered, [3]), sign)), name);
}
