import type * as tensorflow from '@tensorflow/tfjs';
import type { Node } from '../graph/index.ts';
import { list, number, type T, type Tf } from './tensorflow-node.ts';

/** Pads the spatial axes of [batch, channels, height, width]. */
export function padPlane(tf: Tf, x: T, pads: readonly number[], value: number): T {
  const [top, left, bottom, right] = pads as [number, number, number, number];
  if (pads.every((count) => count === 0)) return x;
  return tf.pad(x, [[0, 0], [0, 0], [top, bottom], [left, right]], value); // prettier-ignore
}

export function channelsLast(tf: Tf, x: T): tensorflow.Tensor4D {
  return tf.transpose(x as tensorflow.Tensor4D, [0, 2, 3, 1]);
}

export function channelsFirst(tf: Tf, x: T): T {
  return tf.transpose(x, [0, 3, 1, 2]);
}

interface Convolution {
  readonly strides: readonly number[];
  readonly pads: readonly number[];
  readonly dilations: readonly number[];
}

export function pair(values: readonly number[]): [number, number] {
  return values as [number, number];
}

/** Every `step`-th element of an axis, without stridedSlice, which has no gradient in TensorFlow.js. */
export function every(tf: Tf, x: T, axis: number, step: number): T {
  if (step === 1) return x;
  const count = Math.ceil(x.shape[axis]! / step);
  const padding = x.shape.map((length, i): [number, number] => [0, i === axis ? count * step - length : 0]);
  const split = tf.reshape(tf.pad(x, padding), x.shape.toSpliced(axis, 1, count, step));
  const first = tf.slice(split, split.shape.map(() => 0), split.shape.with(axis + 1, 1)); // prettier-ignore
  return tf.reshape(first, x.shape.with(axis, count));
}

/**
 * A convolution of [batch, height, width, channels] as a sum of matrix products, one for each tap. The backend in plain
 * JavaScript convolves no faster than this, and differentiates it six to ten times faster than its own conv2d.
 */
function convolveByTaps(
  tf: Tf,
  x: tensorflow.Tensor4D,
  w: tensorflow.Tensor4D,
  { strides, dilations }: Convolution,
): tensorflow.Tensor4D {
  const [rows, columns, channels, out] = w.shape;
  const [stepDown, stepRight] = pair(strides);
  const [spreadDown, spreadRight] = pair(dilations);
  const [batch, height, width] = x.shape;
  const down = height - spreadDown * (rows - 1);
  const right = width - spreadRight * (columns - 1);
  const extent: [number, number, number, number] = [
    batch,
    Math.ceil(down / stepDown),
    Math.ceil(right / stepRight),
    out,
  ];
  let sum: T | null = null;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const start = [0, row * spreadDown, column * spreadRight, 0];
      const seen = every(
        tf,
        every(tf, tf.slice(x, start, [batch, down, right, channels]), 1, stepDown),
        2,
        stepRight,
      );
      const tap = tf.reshape(tf.slice(w, [row, column, 0, 0], [1, 1, channels, out]), [channels, out]);
      const product = tf.matMul(tf.reshape(seen, [-1, channels]), tap);
      sum = sum ? tf.add(sum, product) : product;
    }
  }
  return tf.reshape<tensorflow.Rank.R4>(sum!, extent);
}

/** One group of a two-dimensional convolution, [batch, channels, height, width] in and out. */
function conv2d(tf: Tf, x: T, w: T, convolution: Convolution): T {
  const { strides, pads, dilations } = convolution;
  const padded = channelsLast(tf, padPlane(tf, x, pads, 0));
  const kernel = tf.transpose(w as tensorflow.Tensor4D, [2, 3, 1, 0]);
  if (tf.getBackend() === 'cpu') return channelsFirst(tf, convolveByTaps(tf, padded, kernel, convolution));
  return channelsFirst(tf, tf.conv2d(padded, kernel, pair(strides), 'valid', 'NHWC', pair(dilations)));
}

/** Zeros between the taps of a kernel, since tfjs transposes no dilated convolution. */
function dilate(tf: Tf, w: T, dilations: readonly number[]): T {
  let spread = w;
  dilations.forEach((dilation, i) => {
    const axis = i + 2;
    const length = spread.shape[axis]!;
    const split = tf.reshape(spread, spread.shape.toSpliced(axis + 1, 0, 1));
    const padding = split.shape.map((_, k): [number, number] => [0, k === axis + 1 ? dilation - 1 : 0]);
    const joined = tf.reshape(tf.pad(split, padding), spread.shape.with(axis, length * dilation));
    spread = tf.slice(joined, joined.shape.map(() => 0), joined.shape.with(axis, (length - 1) * dilation + 1)); // prettier-ignore
  });
  return spread;
}

export function transposedConv2d(tf: Tf, x: T, w: T, node: Node, channels: number): T {
  const strides = list(node, 'strides');
  const [top, left] = pair(list(node, 'pads'));
  const kernel = tf.transpose(dilate(tf, w, list(node, 'dilations')), [2, 3, 1, 0]) as tensorflow.Tensor4D;
  const [, , height, width] = node.output.shape as [number, number, number, number];
  // Computed without padding first; then cropped, or padded with zeros, to the output's plane.
  const full = [0, 1].map((i) => (x.shape[i + 2]! - 1) * strides[i]! + kernel.shape[i]!) as [number, number];
  const batch = x.shape[0];
  const whole = channelsFirst(
    tf,
    tf.conv2dTranspose(channelsLast(tf, x), kernel, [batch, ...full, channels], pair(strides), 'valid'),
  );
  const beyond = [Math.max(0, top + height - full[0]), Math.max(0, left + width - full[1])];
  return tf.slice(
    padPlane(tf, whole, [0, 0, ...beyond], 0),
    [0, 0, top, left],
    [batch, channels, height, width],
  );
}

/** Runs a convolution group by group. */
export function grouped(tf: Tf, x: T, w: T, node: Node, one: (x: T, w: T) => T): T {
  const group = number(node, 'group');
  if (group === 1) return one(x, w);
  const parts = tf.split(x, group, 1);
  const kernels = tf.split(w, group, 0);
  return tf.concat(parts.map((part, i) => one(part, kernels[i]!)), 1); // prettier-ignore
}

export function convolve(tf: Tf, [x, w, bias]: readonly T[], node: Node): T {
  const convolution = {
    strides: list(node, 'strides'),
    pads: list(node, 'pads'),
    dilations: list(node, 'dilations'),
  };
  const rank = x!.shape.length - 2;
  let y: T;
  if (rank === 3) {
    // The graph's own three-dimensional convolutions have a kernel of depth 1: the depth is a batch.
    const [batch, channels, depth, height, width] = x!.shape as [number, number, number, number, number];
    const planes = tf.reshape(tf.transpose(x!, [0, 2, 1, 3, 4]), [batch * depth, channels, height, width]);
    const kernel = tf.reshape(w!, w!.shape.toSpliced(2, 1));
    const { strides, pads, dilations } = convolution;
    const flat = {
      strides: strides.slice(1),
      pads: pads.toSpliced(3, 1).slice(1),
      dilations: dilations.slice(1),
    };
    const planar = conv2d(tf, planes, kernel, flat);
    const [, out, ...extent] = planar.shape as [number, number, number, number];
    y = tf.transpose(tf.reshape(planar, [batch, depth, out, ...extent]), [0, 2, 1, 3, 4]);
  } else {
    y = grouped(tf, x!, w!, node, (part, kernel) => conv2d(tf, part, kernel, convolution));
  }
  return bias ? tf.add(y, tf.reshape(bias, [1, -1, ...y.shape.slice(2).map(() => 1)])) : y;
}
