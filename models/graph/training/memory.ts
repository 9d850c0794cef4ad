import type { Graph } from '../graph.ts';
import { sizeOf } from '../tensor.ts';
import type { Tensor } from '../tensor.ts';

/**
 * Bytes that the graph's inputs, constants and intermediate tensors take at the peak of a run, when each is freed after
 * its last use. An engine's own memory (packed kernels, columns of a convolution) comes on top.
 */
export function peakBytes(graph: Graph): number {
  const nodes = graph.liveNodes();
  const outputs = new Set<Tensor>(graph.outputs.values());
  const lastUse = new Map<Tensor, number>();
  nodes.forEach(({ inputs }, i) => {
    for (const input of inputs) lastUse.set(input, i);
  });
  const bytesOf = (tensor: Tensor): number => sizeOf(tensor.shape) * (tensor.dtype === 'bool' ? 1 : 4);
  let now = 0;
  for (const tensor of [...graph.inputs.values(), ...graph.constants.keys()]) now += bytesOf(tensor);
  let peak = now;
  nodes.forEach(({ inputs, output }, i) => {
    now += bytesOf(output);
    peak = Math.max(peak, now);
    for (const input of new Set(inputs)) {
      const made = input.producer !== null;
      if (made && lastUse.get(input) === i && !outputs.has(input)) now -= bytesOf(input);
    }
  });
  return peak;
}
