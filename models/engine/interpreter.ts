import type * as tensorflow from '@tensorflow/tfjs';
import type { Graph, Tensor } from '../graph/index.ts';
import { INTERPRETATIONS } from './tensorflow-operators.ts';
import type { Tf } from './tensorflow-operators.ts';

/**
 * Computes the outputs of a graph with the operators of TensorFlow.js, one after the other. All of them are
 * differentiable by TensorFlow.js itself, as far as it has a gradient for the operator.
 * @param feeds by the names of the graph's inputs; the caller keeps them
 */
export function interpret(
  tf: Tf,
  graph: Graph,
  feeds: Readonly<Record<string, tensorflow.Tensor>>,
): Record<string, tensorflow.Tensor> {
  return tf.tidy(() => {
    const values = new Map<Tensor, tensorflow.Tensor>();
    for (const [name, tensor] of graph.inputs) {
      const fed = feeds[name];
      if (fed) values.set(tensor, fed);
    }
    for (const [tensor, data] of graph.constants) {
      values.set(tensor, tf.tensor(data, [...tensor.shape], tensor.dtype));
    }
    for (const node of graph.liveNodes()) {
      const inputs = node.inputs.map((input) => values.get(input)!);
      values.set(node.output, INTERPRETATIONS[node.operator](tf, inputs, node));
    }
    return Object.fromEntries(
      [...graph.outputs].map(([name, tensor]) => [name, tf.clone(values.get(tensor)!)]),
    );
  });
}
