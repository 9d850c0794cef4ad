import type { Graph } from '../../graph.ts';
import { add } from '../../operators.ts';
import { GraphError, describe } from '../../tensor.ts';
import type { Node, Tensor } from '../../tensor.ts';
import { RULES } from './rules.ts';

/**
 * Reverse-mode gradient: extends the graph of `loss` by nodes that compute ∂loss/∂x for each x of `sources`. The new
 * nodes are ordinary operators, so a gradient can be differentiated again.
 * @param loss a tensor of one element
 * @returns tensors of the sources' shapes, in their order
 * @throws GraphError when the loss is not a scalar, does not depend on a source, or depends on it through an operator
 *   without a gradient
 */
export function gradients(loss: Tensor, sources: readonly Tensor[]): Tensor[] {
  const graph = loss.graph;
  if (loss.shape.some((length) => length !== 1)) {
    throw new GraphError(`Gradient of ${describe(loss)}: a loss is one number`);
  }
  const nodes = [...graph.nodes];
  const depending = dependants(graph, nodes, sources);
  const found = new Map<Tensor, Tensor>();
  const accumulate = (tensor: Tensor, gradient: Tensor | null | undefined): void => {
    if (!gradient || !depending.has(tensor)) return;
    if (gradient.shape.join() !== tensor.shape.join()) {
      throw new GraphError(
        `The gradient ${describe(gradient)} does not have the shape of ${describe(tensor)}`,
      );
    }
    const before = found.get(tensor);
    found.set(tensor, before ? add(before, gradient) : gradient);
  };
  graph.within('gradient', () => {
    const one = graph.scalar(1);
    accumulate(loss, loss.shape.length === 0 ? one : graph.apply('Expand', [one], { shape: loss.shape }));
    for (let i = nodes.length - 1; i >= 0; i--) {
      const { output } = nodes[i]!;
      const dy = found.get(output);
      if (!dy) continue;
      const own = graph.ownGradientOf(output);
      const inputs = own ? own.sources : nodes[i]!.inputs;
      const needed = inputs.map((input) => depending.has(input));
      const rule = own?.rule ?? ruleOf(nodes[i]!);
      const results = graph.within(output.name, () => rule(dy, needed));
      inputs.forEach((input, k) => {
        accumulate(input, results[k]);
      });
    }
  });
  return sources.map((source) => {
    const gradient = found.get(source);
    if (!gradient)
      throw new GraphError(`${describe(loss)} has no gradient with respect to ${describe(source)}`);
    return gradient;
  });
}

/** The float tensors that depend on a source. */
function dependants(graph: Graph, nodes: readonly Node[], sources: readonly Tensor[]): ReadonlySet<Tensor> {
  const depending = new Set<Tensor>(sources);
  for (const { inputs, output } of nodes) {
    const from = graph.ownGradientOf(output)?.sources ?? inputs;
    if (output.dtype === 'float32' && from.some((input) => depending.has(input))) depending.add(output);
  }
  return depending;
}

function ruleOf(node: Node) {
  const rule = RULES[node.operator];
  if (!rule) throw new GraphError(`${node.output.name}: ${node.operator} has no gradient`);
  return (dy: Tensor, needed: readonly boolean[]) => rule(node, dy, needed);
}
