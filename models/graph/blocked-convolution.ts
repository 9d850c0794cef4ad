import type { Graph } from './graph.ts';
import { sizeOf } from './tensor.ts';
import type { Node } from './tensor.ts';

/** Operators of the cpu provider on channels in blocks, [batch, channels / block, height, width, block]. */
export const BLOCKED_DOMAIN = 'com.microsoft.nchwc';

/** Planes of fewer positions gain nothing. */
const SMALLEST_PLANE = 200;

/**
 * Whether the convolution runs faster on blocks of channels, with its kernel rearranged in the graph. The provider
 * itself does this to constant kernels only. Milliseconds on one core, 3×3 kernels at batch 32, including both
 * rearrangements: 64 channels on 49×22 25.5 instead of 31.1; 128 on 25×11 25.0 instead of 29.9; 256 on 13×6 30.4
 * instead of 31.1; but 64 on 49×22 by 1×1 6.0 instead of 5.4.
 * @param block channels in a block, 0 where the provider has no blocks
 */
export function runsInBlocks(
  { operator, inputs, attributes, output }: Node,
  graph: Graph,
  block: number,
): boolean {
  if (block === 0 || operator !== 'Conv' || output.shape.length !== 4 || attributes['group'] !== 1)
    return false;
  const [x, w, bias] = inputs;
  if (bias || graph.constants.has(w!)) return false;
  const [outChannels, channels, ...kernel] = w!.shape as [number, number, number, number];
  if (outChannels % block !== 0 || channels % block !== 0 || sizeOf(kernel) === 1) return false;
  return Math.min(sizeOf(x!.shape.slice(2)), sizeOf(output.shape.slice(2))) >= SMALLEST_PLANE;
}
