import { add, matmul, relu, reshape, sigmoid, slice, transpose } from '../graph/index.ts';
import type { Tensor } from '../graph/index.ts';
import type { Layers } from './layers.ts';

/** Options for all layers of a predictor but the last: docs/method.md gives normalisation and dropout for CDCML's. */
export interface HeadOptions {
  readonly hidden: readonly number[];
  readonly normalised: boolean;
  /** Dropout rate of the hidden numbers. */
  readonly dropout: number;
}

function hiddenLayer(layers: Layers, x: Tensor, name: string, options: HeadOptions): Tensor {
  const normalised = options.normalised ? layers.norm(x, `${name}.norm`) : x;
  const active = relu(normalised);
  return options.dropout > 0 ? layers.dropout(active, `${name}.dropout`, options.dropout) : active;
}

/**
 * A predictor: fully connected layers `name.0`, `name.1`, …, each but the last followed by batch normalisation, ReLU
 * and dropout as the options say, the last by a sigmoid.
 * @param x [batch, features]
 * @returns [batch, outputs], each in (0, 1)
 */
export function predictor(
  layers: Layers,
  x: Tensor,
  name: string,
  outputs: number,
  options: HeadOptions,
): Tensor {
  const hidden = options.hidden.reduce(
    (input, width, i) =>
      hiddenLayer(layers, layers.linear(input, `${name}.${i}`, width), `${name}.${i}`, options),
    x,
  );
  return sigmoid(layers.linear(hidden, `${name}.${options.hidden.length}`, outputs));
}

export type PairSide = 'picture' | 'clip';

/**
 * One branch's part of the first layer of a predictor on concat(picture, clip). The layer is the sum of both parts, so
 * each is computed once for a picture or clip, not for each pair. The picture's part holds the bias.
 * @param x [batch, features]
 * @returns [batch, first hidden width]
 */
export function pairHalf(
  layers: Layers,
  x: Tensor,
  side: PairSide,
  name: string,
  options: HeadOptions,
): Tensor {
  const features = x.shape[1]!;
  const width = options.hidden[0]!;
  const weight = layers.parameter(`${name}.0.weight`, [width, 2 * features]);
  const start = side === 'picture' ? 0 : features;
  const part = slice(weight, [{ axis: 1, start, end: start + features }]);
  const product = matmul(x, transpose(part, [1, 0]));
  return side === 'picture'
    ? add(product, reshape(layers.parameter(`${name}.0.bias`, [width]), [1, width]))
    : product;
}

/**
 * The rest of a predictor on pairs, from the halves of its first layer.
 * @param pictures [n, width]
 * @param clips [m, width]
 * @param pairs `dense`: every picture with every clip; `sampled`: row by row
 * @returns [n · m], row by row of pictures, or [n]
 */
export function pairPredictor(
  layers: Layers,
  pictures: Tensor,
  clips: Tensor,
  pairs: 'dense' | 'sampled',
  name: string,
  options: HeadOptions,
): Tensor {
  const width = options.hidden[0]!;
  const first =
    pairs === 'dense'
      ? reshape(add(reshape(pictures, [-1, 1, width]), reshape(clips, [1, -1, width])), [-1, width])
      : add(pictures, clips);
  let hidden = hiddenLayer(layers, first, `${name}.0`, options);
  options.hidden.slice(1).forEach((next, i) => {
    const layer = `${name}.${i + 1}`;
    hidden = hiddenLayer(layers, layers.linear(hidden, layer, next), layer, options);
  });
  return reshape(sigmoid(layers.linear(hidden, `${name}.${options.hidden.length}`, 1)), [-1]);
}
