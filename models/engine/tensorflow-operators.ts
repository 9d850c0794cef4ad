import type * as tensorflow from '@tensorflow/tfjs';
import type { Node } from '../graph/index.ts';
import {
  channelsFirst,
  channelsLast,
  convolve,
  every,
  grouped,
  padPlane,
  pair,
  transposedConv2d,
} from './tensorflow-convolutions.ts';
import { list, number, type T, type Tf } from './tensorflow-node.ts';

type Interpretation = (tf: Tf, inputs: readonly T[], node: Node) => T;

/** All axes but the channels. */
function batchAxes(x: T): number[] {
  return [...x.shape.keys()].filter((axis) => axis !== 1);
}

const LOWEST = -3.4028234663852886e38;

function reduction(apply: (tf: Tf, x: T, axes: number[], keep: boolean) => T): Interpretation {
  return (tf, [x], node) => apply(tf, x!, list(node, 'axes'), number(node, 'keepdims') === 1);
}

/** TensorFlow.js does not sum the gradient of these over the axes that it broadcasts implicitly. */
function extreme(choose: (tf: Tf, a: T, b: T) => T): Interpretation {
  return (tf, [a, b], node) => {
    const shape = [...node.output.shape];
    return choose(tf, tf.broadcastTo(a!, shape), tf.broadcastTo(b!, shape));
  };
}

/** A Boolean result: its gradient is zero, which TensorFlow.js does not define. */
function decision(decide: (tf: Tf, inputs: readonly T[]) => T): Interpretation {
  return (tf, inputs) =>
    tf.customGrad((...xs) => ({
      value: decide(tf, xs as T[]),
      gradFunc: () => inputs.map((x) => tf.zeros(x.shape)),
    }))(...inputs);
}

/** Each operator of the graph in terms of TensorFlow.js; convolutions and pools run with channels last. */
export const INTERPRETATIONS: Readonly<Record<Node['operator'], Interpretation>> = {
  Identity: (tf, [x]) => tf.clone(x!),
  Relu: (tf, [x]) => tf.relu(x!),
  Sigmoid: (tf, [x]) => tf.sigmoid(x!),
  Tanh: (tf, [x]) => tf.tanh(x!),
  Exp: (tf, [x]) => tf.exp(x!),
  Log: (tf, [x]) => tf.log(x!),
  Sqrt: (tf, [x]) => tf.sqrt(x!),
  Neg: (tf, [x]) => tf.neg(x!),
  Abs: (tf, [x]) => tf.abs(x!),
  Reciprocal: (tf, [x]) => tf.reciprocal(x!),
  Floor: (tf, [x]) => tf.floor(x!),
  Clip: (tf, [x], node) => tf.clipByValue(x!, number(node, 'min'), number(node, 'max')),
  Add: (tf, [a, b]) => tf.add(a!, b!),
  Sub: (tf, [a, b]) => tf.sub(a!, b!),
  Mul: (tf, [a, b]) => tf.mul(a!, b!),
  Div: (tf, [a, b]) => tf.div(a!, b!),
  Pow: (tf, [a, b]) => tf.pow(a!, b!),
  Max: extreme((tf, a, b) => tf.maximum(a, b)),
  Min: extreme((tf, a, b) => tf.minimum(a, b)),
  Equal: decision((tf, [a, b]) => tf.equal(a!, b!)),
  Greater: decision((tf, [a, b]) => tf.greater(a!, b!)),
  Less: decision((tf, [a, b]) => tf.less(a!, b!)),
  Not: decision((tf, [x]) => tf.logicalNot(x!)),
  Cast: (tf, [x], node) => tf.cast(x!, node.output.dtype),
  Where: (tf, [condition, a, b], node) => {
    const shape = [...node.output.shape];
    return tf.where(tf.broadcastTo(condition!, shape), tf.broadcastTo(a!, shape), tf.broadcastTo(b!, shape));
  },
  ReduceSum: reduction((tf, x, axes, keep) => tf.sum(x, axes, keep)),
  ReduceMean: reduction((tf, x, axes, keep) => tf.mean(x, axes, keep)),
  ReduceMax: reduction((tf, x, axes, keep) => tf.max(x, axes, keep)),
  ReduceSumSquare: reduction((tf, x, axes, keep) => tf.sum(tf.square(x), axes, keep)),
  MatMul: (tf, [a, b]) => tf.matMul(a!, b!),
  Gemm: (tf, [a, b, addend], node) => {
    const product = tf.matMul(a!, b!, number(node, 'transA') === 1, number(node, 'transB') === 1);
    return addend ? tf.add(product, addend) : product;
  },
  Conv: convolve,
  ConvTranspose: (tf, [x, w], node) =>
    grouped(tf, x!, w!, node, (part, kernel) =>
      transposedConv2d(tf, part, kernel, node, node.output.shape[1]! / number(node, 'group')),
    ),
  MaxPool: (tf, [x], node) => {
    const padded = channelsLast(tf, padPlane(tf, x!, list(node, 'pads'), LOWEST));
    return channelsFirst(
      tf,
      tf.maxPool(padded, pair(list(node, 'kernel_shape')), pair(list(node, 'strides')), 'valid'),
    );
  },
  AveragePool: (tf, [x], node) => {
    const pads = list(node, 'pads');
    const pool = (plane: T): T =>
      channelsFirst(
        tf,
        tf.avgPool(
          channelsLast(tf, padPlane(tf, plane, pads, 0)),
          pair(list(node, 'kernel_shape')),
          pair(list(node, 'strides')),
          'valid',
        ),
      );
    if (number(node, 'count_include_pad') === 1 || pads.every((count) => count === 0)) return pool(x!);
    return tf.div(pool(x!), pool(tf.ones([1, 1, ...x!.shape.slice(2)])));
  },
  BatchNormalization: (tf, [x, weight, bias], node) => {
    const { mean, variance } = tf.moments(x!, batchAxes(x!), true);
    const along = (vector: T): T => tf.reshape(vector, mean.shape);
    const deviation = tf.sqrt(tf.add(variance, number(node, 'epsilon')));
    return tf.add(tf.mul(tf.div(tf.sub(x!, mean), deviation), along(weight!)), along(bias!));
  },
  BatchMean: (tf, [, x]) => tf.moments(x!, batchAxes(x!)).mean,
  BatchVariance: (tf, [, x]) => tf.moments(x!, batchAxes(x!)).variance,
  GlobalAveragePool: (tf, [x]) => tf.mean(x!, [2, 3], true),
  Softmax: (tf, [x]) => tf.softmax(x!),
  TopK: (tf, [x], node) => {
    const [count] = list(node, 'k') as [number];
    if (number(node, 'largest') === 1) return tf.topk(x!, count).values;
    return tf.neg(tf.topk(tf.neg(x!), count).values);
  },
  Concat: (tf, inputs, node) => tf.concat([...inputs], number(node, 'axis')),
  Slice: (tf, [x], node) => {
    const begin = x!.shape.map(() => 0);
    const end = [...x!.shape];
    const step = x!.shape.map(() => 1);
    const [starts, ends, steps] = [list(node, 'starts'), list(node, 'ends'), list(node, 'steps')];
    const backwards = list(node, 'axes').filter((axis, i) => {
      const length = x!.shape[axis]!;
      // A backward range is the mirrored range of the reversed axis.
      const turn = steps[i]! < 0;
      begin[axis] = turn ? length - 1 - starts[i]! : starts[i]!;
      end[axis] = turn ? length - 1 - ends[i]! : ends[i]!;
      step[axis] = Math.abs(steps[i]!);
      return turn;
    });
    const turned = backwards.length > 0 ? tf.reverse(x!, backwards) : x!;
    const range = tf.slice(turned, begin, end.map((last, axis) => last - begin[axis]!)); // prettier-ignore
    return step.reduce((cut, stride, axis) => every(tf, cut, axis, stride), range);
  },
  Reshape: (tf, [x], node) => tf.reshape(x!, list(node, 'shape')),
  Transpose: (tf, [x], node) => tf.transpose(x!, list(node, 'perm')),
  Expand: (tf, [x], node) => tf.broadcastTo(x!, list(node, 'shape')),
  Gather: (tf, [x, indices]) => tf.gather(x!, indices as tensorflow.Tensor1D, 0),
  Pad: (tf, [x], node) => {
    const pads = list(node, 'pads');
    const rank = x!.shape.length;
    return tf.pad(x!, x!.shape.map((_, axis): [number, number] => [pads[axis]!, pads[axis + rank]!]), number(node, 'value')); // prettier-ignore
  },
};
