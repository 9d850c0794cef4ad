import { setImmediate as nextTurn } from 'node:timers/promises';
import type * as tensorflow from '@tensorflow/tfjs';
import type { Graph, Tensor } from '../graph/index.ts';
import { INTERPRETATIONS } from './tensorflow-operators.ts';
import type { Tf } from './tensorflow-node.ts';

type Feeds = Readonly<Record<string, tensorflow.Tensor>>;
type Outputs = Record<string, tensorflow.Tensor>;

/**
 * Computes the outputs of a graph with the operators of TensorFlow.js, one after the other. TensorFlow.js can
 * differentiate the result as far as it has gradients for the operators.
 * @param feeds by the names of the graph's inputs; the caller keeps them
 */
export function interpret(tf: Tf, graph: Graph, feeds: Feeds): Outputs {
  return tf.tidy(() => {
    const values = beginning(tf, graph, feeds);
    for (const node of graph.liveNodes()) {
      const inputs = node.inputs.map((input) => values.get(input)!);
      values.set(node.output, INTERPRETATIONS[node.operator](tf, inputs, node));
    }
    return outputsOf(tf, graph, values);
  });
}

/** Longest time without a pause for the rest of the process, unless a single operator takes longer. */
const TURN_MS = 20;

/**
 * Like `interpret`, with pauses for signals, timers and messages: TensorFlow.js computes on the calling thread until
 * the graph is done.
 * @param signal when aborted, stops the graph and throws its reason
 */
export async function interpretInTurns(
  tf: Tf,
  graph: Graph,
  feeds: Feeds,
  signal?: AbortSignal,
): Promise<Outputs> {
  // Without a scope: a scope can't span turns of the event loop, because other graphs open theirs in between.
  const values = beginning(tf, graph, feeds);
  const fed = new Set(Object.values(feeds));
  const uses = usesOf(graph);
  const release = (tensor: Tensor): void => {
    const value = values.get(tensor)!;
    values.delete(tensor);
    if (!fed.has(value)) value.dispose();
  };
  try {
    let turnStartedAt = performance.now();
    for (const node of graph.liveNodes()) {
      const inputs = node.inputs.map((input) => values.get(input)!);
      values.set(
        node.output,
        ownTensor(tf, () => INTERPRETATIONS[node.operator](tf, inputs, node), inputs),
      );
      for (const input of new Set(node.inputs)) {
        const left = uses.get(input)! - 1;
        uses.set(input, left);
        if (left === 0) release(input);
      }
      if (performance.now() - turnStartedAt < TURN_MS) continue;
      await nextTurn();
      signal?.throwIfAborted();
      turnStartedAt = performance.now();
    }
    return outputsOf(tf, graph, values);
  } finally {
    for (const tensor of [...values.keys()]) release(tensor);
  }
}

function beginning(tf: Tf, graph: Graph, feeds: Feeds): Map<Tensor, tensorflow.Tensor> {
  const values = new Map<Tensor, tensorflow.Tensor>();
  for (const [name, tensor] of graph.inputs) {
    const fed = feeds[name];
    if (fed) values.set(tensor, fed);
  }
  for (const [tensor, data] of graph.constants) {
    values.set(tensor, tf.tensor(data, [...tensor.shape], tensor.dtype));
  }
  return values;
}

function outputsOf(tf: Tf, graph: Graph, values: ReadonlyMap<Tensor, tensorflow.Tensor>): Outputs {
  return Object.fromEntries(
    [...graph.outputs].map(([name, tensor]) => [name, tf.clone(values.get(tensor)!)]),
  );
}

/**
 * The result of an operator as a tensor that can be disposed of by itself, even when the operator returned an input.
 */
function ownTensor(
  tf: Tf,
  compute: () => tensorflow.Tensor,
  inputs: readonly tensorflow.Tensor[],
): tensorflow.Tensor {
  return tf.tidy(() => {
    const result = compute();
    return inputs.includes(result) ? tf.clone(result) : result;
  });
}

/** The number of nodes that read each tensor, plus one for an output, so that it stays to the end. */
function usesOf(graph: Graph): Map<Tensor, number> {
  const uses = new Map<Tensor, number>();
  const count = (tensor: Tensor): void => void uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
  for (const node of graph.liveNodes()) for (const input of new Set(node.inputs)) count(input);
  for (const tensor of graph.outputs.values()) count(tensor);
  return uses;
}
