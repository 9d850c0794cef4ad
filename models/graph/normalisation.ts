import {
  abs,
  add,
  div,
  expand,
  mul,
  neg,
  reduceMean,
  reduceSum,
  reshape,
  slice,
  sqrt,
  square,
  sub,
} from './operators.ts';
import { GraphError, describe, sizeOf } from './tensor.ts';
import type { Tensor } from './tensor.ts';

/** Parameters and running statistics of a batch normalisation, each [channels]. */
export interface BatchNormState {
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly runningMean: Tensor;
  readonly runningVar: Tensor;
}

export interface TrainedBatchNorm {
  readonly output: Tensor;
  /** Running statistics after this batch, [channels]. */
  readonly runningMean: Tensor;
  readonly runningVar: Tensor;
}

/** Default addend of the variance, as in PyTorch. */
const EPSILON = 1e-5;
/** Weight of a new batch in the running statistics, as in PyTorch. */
const MOMENTUM = 0.1;

function alongChannels(vector: Tensor, x: Tensor): Tensor {
  return reshape(
    vector,
    x.shape.map((_, axis) => (axis === 1 ? -1 : 1)),
  );
}

/** Batch normalisation by the running statistics: x · a + b for each channel (axis 1). */
export function batchNorm(
  x: Tensor,
  { weight, bias, runningMean, runningVar }: BatchNormState,
  epsilon = EPSILON,
): Tensor {
  const scale = div(weight, sqrt(add(runningVar, epsilon)));
  const shift = sub(bias, mul(runningMean, scale));
  return add(mul(x, alongChannels(scale, x)), alongChannels(shift, x));
}

interface Normalised {
  readonly output: Tensor;
  /** For each channel, [1, channels, 1, …]; the variance is the biased one. */
  readonly mean: Tensor;
  readonly variance: Tensor;
  /** x − mean */
  readonly centred: () => Tensor;
}

function composedNorm(
  x: Tensor,
  axes: readonly number[],
  { weight, bias }: BatchNormState,
  epsilon: number,
): Normalised {
  const mean = reduceMean(x, axes, true);
  const centred = sub(x, mean);
  const variance = reduceMean(square(centred), axes, true);
  const scale = div(alongChannels(weight, x), sqrt(add(variance, epsilon)));
  const output = add(mul(centred, scale), alongChannels(bias, x));
  return { output, mean, variance, centred: () => centred };
}

/** In one operator of the cpu provider: 32×64×97×44 numbers in 4.2 ms on one core, composed of six in 14.8. */
function fusedNorm(x: Tensor, { weight, bias }: BatchNormState, epsilon: number): Normalised {
  const { graph } = x;
  // The provider overwrites the last two inputs with mean and variance, even when others read them or a caller fed
  // them. So they are computed from x for this node alone, which keeps them from being constants or shared.
  const some = reshape(slice(x, x.shape.flatMap((_, axis) => (axis === 1 ? [] : [{ axis, start: 0, end: 1 }]))), [-1]); // prettier-ignore
  const overwritten = [neg(some), abs(some)];
  const output = graph.apply('BatchNormalization', [x, weight, bias, ...overwritten], { epsilon });
  const mean = graph.apply('BatchMean', [output, x]);
  const variance = graph.apply('BatchVariance', [output, x]);
  const [meanOfEach, varianceOfEach] = [alongChannels(mean, x), alongChannels(variance, x)];
  const centred = (): Tensor => sub(x, meanOfEach);
  const share = mean.shape[0]! / sizeOf(x.shape);
  graph.defineGradient(mean, [x], (dy) => [expand(alongChannels(mul(dy, share), x), x.shape)]);
  graph.defineGradient(variance, [x], (dy) => [mul(centred(), alongChannels(mul(dy, 2 * share), x))]);
  return { output, mean: meanOfEach, variance: varianceOfEach, centred };
}

/**
 * Batch normalisation by the statistics of the batch itself, over all axes but axis 1, as torch.nn.BatchNorm2d and
 * BatchNorm1d do it in training: the biased variance normalises, the unbiased one goes into the running variance.
 * @throws GraphError when each channel has only one value, so that there is no variance
 */
export function trainBatchNorm(x: Tensor, state: BatchNormState, epsilon = EPSILON): TrainedBatchNorm {
  const { weight, bias, runningMean, runningVar } = state;
  const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const count = axes.reduce((product, axis) => product * x.shape[axis]!, 1);
  if (count < 2)
    throw new GraphError(`Batch normalisation of ${describe(x)} needs more than one value a channel`);
  const { output, mean, variance, centred } =
    x.graph.tunedFor === 'cpu' && x.shape.length === 4
      ? fusedNorm(x, state, epsilon)
      : composedNorm(x, axes, state, epsilon);
  const deviation = sqrt(add(variance, epsilon));
  const scale = div(alongChannels(weight, x), deviation);

  // With x̂ the normalised x: ∂x = scale · (dy − mean(dy) − x̂ · mean(dy · x̂)), in four passes over the tensor.
  x.graph.defineGradient(output, [x, weight, bias], (dy) => {
    const off = centred();
    const sum = reduceSum(dy, axes, true);
    const product = reduceSum(mul(dy, off), axes, true);
    const slope = div(mul(product, scale), mul(square(deviation), count));
    const level = div(mul(sum, scale), count);
    return [
      sub(mul(dy, scale), add(mul(off, slope), level)),
      reshape(div(product, deviation), weight.shape),
      reshape(sum, bias.shape),
    ];
  });

  const blend = (old: Tensor, now: Tensor, factor: number): Tensor =>
    add(mul(old, 1 - MOMENTUM), mul(reshape(now, old.shape), MOMENTUM * factor));
  return {
    output,
    runningMean: blend(runningMean, mean, 1),
    runningVar: blend(runningVar, variance, count / (count - 1)),
  };
}

/**
 * The scale and shift which a batch normalisation by running statistics comes down to, for folding it into the
 * convolution before it.
 */
export function foldBatchNorm(
  weight: Float32Array,
  bias: Float32Array,
  runningMean: Float32Array,
  runningVar: Float32Array,
  epsilon = EPSILON,
): { scale: Float32Array; shift: Float32Array } {
  const scale = weight.map((value, i) => value / Math.sqrt(runningVar[i]! + epsilon));
  const shift = bias.map((value, i) => value - runningMean[i]! * scale[i]!);
  return { scale, shift };
}
