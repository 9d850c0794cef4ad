import {
  FRAME_COUNT,
  FLOAT32_TINY,
  createContrastBands,
  createDct,
  createMelBank,
  melMatrix,
} from '../../features/index.ts';
import {
  concat,
  div,
  less,
  log,
  matmul,
  maximum,
  mul,
  reduceMax,
  reduceMean,
  slice,
  square,
  sub,
  topK,
  transpose,
  where,
} from '../../graph/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { BINS } from './spectrum.ts';

const COEFFICIENTS = 40;

/** `librosa.power_to_db(S)` of [batch, …], clamped at 80 dB below each clip's own maximum. */
function decibels(power: Tensor): Tensor {
  const level = mul(log(maximum(power, 1e-10)), 10 / Math.LN10);
  const axes = power.shape.map((_, axis) => axis).slice(1);
  return maximum(level, sub(reduceMax(level, axes, true), 80));
}

/** `librosa.feature.melspectrogram`: from magnitudes [batch, frames, 1025] to power [batch, frames, 128]. */
export function melPower(magnitude: Tensor): Tensor {
  const { graph } = magnitude;
  const bank = createMelBank();
  const matrix = graph.constant(graph.unusedName('mel'), [BINS, bank.bands], melMatrix(bank, BINS));
  return matmul(square(magnitude), matrix);
}

/** `librosa.feature.mfcc(n_mfcc=40)`: from mel power [batch, frames, 128] to [batch, frames, 40]. */
export function mfcc(mel: Tensor): Tensor {
  const { graph } = mel;
  const bands = mel.shape[2]!;
  const dct = graph.constant(
    graph.unusedName('dct'),
    [COEFFICIENTS, bands],
    Float32Array.from(createDct(COEFFICIENTS, bands)),
  );
  return matmul(decibels(mel), transpose(dct, [1, 0]));
}

/** `librosa.feature.spectral_contrast`: from magnitudes [batch, frames, 1025] to [batch, frames, 7]. */
export function contrast(magnitude: Tensor): Tensor {
  const extremes = (which: 'largest' | 'smallest'): Tensor =>
    decibels(
      concat(
        createContrastBands().map(({ first, end, extremes: count }) => {
          const band = slice(magnitude, [{ axis: 2, start: first, end }]);
          return reduceMean(topK(band, count, which), [2], true);
        }),
        2,
      ),
    );
  return sub(extremes('largest'), extremes('smallest'));
}

/** `x / divisor`, where a divisor too small to divide by counts as 1. */
export function divideUnlessTiny(x: Tensor, divisor: Tensor): Tensor {
  return div(x, where(less(divisor, FLOAT32_TINY), 1, divisor));
}

/** `librosa.util.normalize(chroma, norm=np.inf)` of [batch, 12, 87]. */
export function normalizeFrames(chroma: Tensor): Tensor {
  return divideUnlessTiny(chroma, reduceMax(chroma, [1], true));
}

/** From [batch, frames, rows] to rows of the matrix of features, [batch, rows, 87]. */
export function asRows(x: Tensor): Tensor {
  if (x.shape[1] !== FRAME_COUNT)
    throw new RangeError(`${x.shape[1]!} frames where ${FRAME_COUNT} are needed`);
  return transpose(x, [0, 2, 1]);
}
