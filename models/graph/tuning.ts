import { Graph } from './graph.ts';
import { conv, reshape, transpose } from './operators.ts';
import type { Node, Tensor } from './tensor.ts';

/**
 * A convolution to planes of at most this many positions runs faster with the whole batch in one matrix product: at the
 * last stage of ResNet-18 (7×3 positions, 512 channels, batch 32) 29 ms instead of 34 to 43, at the preceding stage
 * (13×6) not any more.
 */
const SMALL_PLANE = 32;

function isSmall({ operator, inputs, attributes, output }: Node, graph: Graph): boolean {
  if (operator !== 'Conv' || output.shape.length !== 4 || output.shape[0]! < 2) return false;
  // The provider itself rearranges constant kernels into blocks, which is even faster.
  if (attributes['group'] !== 1 || graph.constants.has(inputs[1]!)) return false;
  return output.shape[2]! * output.shape[3]! <= SMALL_PLANE;
}

/** The convolution with the batch as the depth of one volume, under a kernel of depth 1. */
function asOneVolume({ attributes }: Node, [x, w, bias]: readonly Tensor[]): Tensor {
  const swap = [1, 0, 2, 3];
  const pair = (key: string): readonly number[] => attributes[key] as readonly number[];
  const [top, left, bottom, right] = pair('pads') as [number, number, number, number];
  const channelsFirst = transpose(x!, swap);
  const volume = conv(
    reshape(channelsFirst, [1, ...channelsFirst.shape]),
    reshape(w!, w!.shape.toSpliced(2, 0, 1)),
    {
      strides: [1, ...pair('strides')],
      pads: [0, top, left, 0, bottom, right],
      dilations: [1, ...pair('dilations')],
      bias,
    },
  );
  return transpose(reshape(volume, volume.shape.slice(1)), swap);
}

/** The same graph, with the same inputs and outputs, in the forms that run fastest on the cpu provider. */
export function tuneForCpu(graph: Graph): Graph {
  const tuned = new Graph(graph.name, graph.tunedFor);
  const copies = new Map<Tensor, Tensor>();
  for (const [name, tensor] of graph.inputs)
    copies.set(tensor, tuned.input(name, tensor.shape, tensor.dtype));
  for (const [tensor, values] of graph.constants) {
    copies.set(tensor, tuned.constant(tensor.name, tensor.shape, values));
  }
  for (const node of graph.liveNodes()) {
    const inputs = node.inputs.map((input) => copies.get(input)!);
    const build = (): Tensor =>
      isSmall(node, graph) ? asOneVolume(node, inputs) : tuned.apply(node.operator, inputs, node.attributes);
    const scope = node.output.name.slice(0, Math.max(0, node.output.name.lastIndexOf('/')));
    const copy = scope === '' ? build() : tuned.within(scope, build);
    copies.set(node.output, copy);
  }
  for (const [name, tensor] of graph.outputs) tuned.output(name, copies.get(tensor)!);
  return tuned;
}
