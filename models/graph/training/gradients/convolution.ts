import { conv, convTranspose, reduceSum, reshape, reverse, transpose } from '../../operators.ts';
import type { ConvolutionOptions } from '../../operators.ts';
import type { Node, Shape, Tensor } from '../../tensor.ts';
import { kernelGradient } from './kernel-gradient.ts';
import { isBetweenSmallPlanes, planeGradient } from './plane-gradient.ts';
import { numbers } from './rule.ts';
import type { OperatorRule } from './rule.ts';

function optionsOf(node: Node): Required<ConvolutionOptions> {
  return {
    strides: numbers(node, 'strides'),
    pads: numbers(node, 'pads'),
    dilations: numbers(node, 'dilations'),
    group: node.attributes['group'] as number,
  };
}

/**
 * ∂/∂x of conv(x, w): at stride 1 a convolution of dy with the flipped kernel, which the cpu runs faster than a
 * ConvTranspose (1.1 to 1.9 times at the shapes of ResNet-18); otherwise a ConvTranspose.
 */
function inputGradient(dy: Tensor, w: Tensor, shape: Shape, options: Required<ConvolutionOptions>): Tensor {
  const { strides, pads, dilations, group } = options;
  const rank = strides.length;
  const reach = strides.map((_, i) => dilations[i]! * (w.shape[i + 2]! - 1));
  const turned = [...reach, ...reach].map((length, i) => length - pads[i]!);
  if (strides.every((stride) => stride === 1) && turned.every((count) => count >= 0)) {
    // A kernel is flipped on all its axes by reading its taps in reverse.
    const [channels, outChannels] = [w.shape[1]!, w.shape[0]! / group];
    const taps = reverse(reshape(w, [group, outChannels, channels, -1]), [3]);
    const turnedRound = transpose(taps, [0, 2, 1, 3]);
    const flipped = reshape(turnedRound, [group * channels, outChannels, ...w.shape.slice(2)]);
    return conv(dy, flipped, { pads: turned, dilations, group });
  }
  const outputPadding = strides.map(
    (stride, i) =>
      shape[i + 2]! - ((dy.shape[i + 2]! - 1) * stride + reach[i]! + 1 - pads[i]! - pads[i + rank]!),
  );
  return convTranspose(dy, w, { ...options, outputPadding });
}

function biasGradient(dy: Tensor): Tensor {
  return reduceSum(
    dy,
    dy.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis])),
  );
}

export const CONVOLUTION_RULES = {
  Conv: ((node, dy, needed) => {
    const [x, w, bias] = node.inputs as [Tensor, Tensor, Tensor?];
    const options = optionsOf(node);
    if (isBetweenSmallPlanes(x, dy, w, options.group)) {
      const { dx, dw } = planeGradient(x, dy, w, options, needed);
      return [dx, dw, bias && needed[2] ? biasGradient(dy) : null];
    }
    return [
      needed[0] ? inputGradient(dy, w, x.shape, options) : null,
      needed[1] ? kernelGradient(x, dy, w.shape.slice(2), options) : null,
      bias && needed[2] ? biasGradient(dy) : null,
    ];
  }) satisfies OperatorRule,
  // A transposed convolution writes what the convolution reads: dy and x swap places.
  ConvTranspose: ((node, dy, needed) => {
    const [x, w] = node.inputs as [Tensor, Tensor];
    const options = optionsOf(node);
    return [
      needed[0] ? conv(dy, w, options) : null,
      needed[1] ? kernelGradient(dy, x, w.shape.slice(2), options) : null,
    ];
  }) satisfies OperatorRule,
};
