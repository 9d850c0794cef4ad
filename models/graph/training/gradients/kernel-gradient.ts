import { concat, conv, gemm, matmul, pad, reshape, slice, transpose } from '../../operators.ts';
import type { ConvolutionOptions } from '../../operators.ts';
import type { Shape, Tensor } from '../../tensor.ts';

/** Kernels with more taps than this use a convolution, not slices (the 7×7 stem of a ResNet). */
const MOST_SLICED_TAPS = 25;

/**
 * ∂/∂w of conv(x, w), of shape [channels of dy, channels of x / group, …kernel], in the form that ran fastest.
 *
 * Milliseconds on two cores at batch 32, for the layers of ResNet-18 on 193×87 (stem; 64, 128, 256, 512 channels at
 * stride 1; strided 128, 256, 512), as separable | taps | swapped: stem –|53|35; 29|35|38; 23|29|29; 26|30|30;
 * 23|30|25; strided –|17|18; –|18|17; –|16|18. A Conv with batch and channels swapped, one product for each channel,
 * took three to seven times as long.
 */
export function kernelGradient(
  x: Tensor,
  dy: Tensor,
  kernel: Shape,
  options: Required<ConvolutionOptions>,
): Tensor {
  const { strides, pads, dilations, group } = options;
  const flat = kernel.length === 2 && group === 1;
  const dense = [...strides, ...dilations].every((step) => step === 1);
  const inside = pads.every((count, i) => count < kernel[i % kernel.length]!);
  const taps = kernel.reduce((count, length) => count * length, 1);
  if (flat && dense && inside && taps > 1 && taps <= MOST_SLICED_TAPS) return separable(x, dy, kernel, pads);
  if (flat && taps > MOST_SLICED_TAPS && x.graph.tunedFor === 'cpu') return swapped(x, dy, kernel, options);
  return bySlices(x, dy, kernel, options);
}

/** Channels first, so that all positions of all examples are the columns of one matrix. */
function channelsFirst(x: Tensor): Tensor {
  return transpose(x, [1, 0, ...x.shape.keys()].toSpliced(2, 2));
}

/**
 * One product for all taps, for stride 1: the rows of dy are shifted (one copy for each kernel row), the columns of x
 * likewise, and every pair of a row shift and a column shift is a tap. That copies k + k times, not k · k times.
 */
function separable(x: Tensor, dy: Tensor, kernel: Shape, pads: readonly number[]): Tensor {
  const [kernelRows, kernelColumns] = kernel as [number, number];
  const [top, left, bottom, right] = pads as [number, number, number, number];
  const [channels, height] = [x.shape[1]!, x.shape[2]!];
  const [outChannels, outWidth] = [dy.shape[1]!, dy.shape[3]!];
  const wide = pad(channelsFirst(x), [0, 0, 0, left], [0, 0, 0, right]);
  const tall = pad(channelsFirst(dy), [0, 0, kernelRows - 1 - top, 0], [0, 0, kernelRows - 1 - bottom, 0]);
  const columnShifts = Array.from({ length: kernelColumns }, (_, column) =>
    slice(wide, [{ axis: 3, start: column, end: column + outWidth }]),
  );
  const rowShifts = Array.from({ length: kernelRows }, (_, row) => {
    const start = kernelRows - 1 - row;
    return slice(tall, [{ axis: 2, start, end: start + height }]);
  });
  const product = gemm(
    reshape(concat(rowShifts, 0), [kernelRows * outChannels, -1]),
    reshape(concat(columnShifts, 0), [kernelColumns * channels, -1]),
    { transposeB: true },
  );
  // Two transposes of long runs: a single transpose of single numbers takes four times as long.
  const byOutput = transpose(
    reshape(product, [kernelRows, outChannels, kernelColumns * channels]),
    [1, 0, 2],
  );
  const byTap = reshape(byOutput, [outChannels, kernelRows * kernelColumns, channels]);
  return reshape(transpose(byTap, [0, 2, 1]), [outChannels, channels, kernelRows, kernelColumns]);
}

/**
 * dy slides over x as a kernel. The examples are the channels of this convolution and the channels are its depth, so
 * that it is one matrix product.
 */
function swapped(x: Tensor, dy: Tensor, kernel: Shape, options: Required<ConvolutionOptions>): Tensor {
  const { strides, pads, dilations } = options;
  const [top, left, bottom, right] = pads as [number, number, number, number];
  const [batch, outChannels, ...extent] = dy.shape as [number, number, number, number];
  const result = conv(
    reshape(x, [1, ...x.shape]),
    reshape(channelsFirst(dy), [outChannels, batch, 1, ...extent]),
    { strides: [1, ...dilations], dilations: [1, ...strides], pads: [0, top, left, 0, bottom, right] },
  );
  const cut = kernel.map((length, i) => ({ axis: i + 3, start: 0, end: length }));
  return reshape(slice(result, cut), [outChannels, x.shape[1]!, ...kernel]);
}

/** Gathers what each tap sees into the rows of one matrix: for any stride, dilation, group and rank. */
function bySlices(x: Tensor, dy: Tensor, kernel: Shape, options: Required<ConvolutionOptions>): Tensor {
  const { strides, pads, dilations, group } = options;
  const rank = kernel.length;
  const channels = x.shape[1]! / group;
  const outChannels = dy.shape[1]! / group;
  const padded = pad(channelsFirst(x), [0, 0, ...pads.slice(0, rank)], [0, 0, ...pads.slice(rank)]);
  const taps = kernel.reduce<number[][]>(
    (known, length) => known.flatMap((tap) => Array.from({ length }, (_, i) => [...tap, i])),
    [[]],
  );
  const seen = taps.map((tap) => {
    const ranges = tap.map((position, i) => {
      const start = position * dilations[i]!;
      return { axis: i + 2, start, end: start + (dy.shape[i + 2]! - 1) * strides[i]! + 1, step: strides[i]! };
    });
    return reshape(slice(padded, ranges), [group, channels, -1]);
  });
  const columns = concat(seen, 1);
  const rows = reshape(channelsFirst(dy), [group, outChannels, -1]);
  const product =
    group === 1
      ? gemm(reshape(rows, [outChannels, -1]), reshape(columns, [taps.length * channels, -1]), {
          transposeB: true,
        })
      : matmul(rows, transpose(columns, [0, 2, 1]));
  const byTap = reshape(product, [group * outChannels, taps.length, channels]);
  return reshape(transpose(byTap, [0, 2, 1]), [group * outChannels, channels, ...kernel]);
}
