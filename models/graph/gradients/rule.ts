import { reduceSum, reshape } from '../operators.ts';
import type { Node, Shape, Tensor } from '../tensor.ts';

/** From the gradient of a node's output to those of its inputs. */
export type OperatorRule = (node: Node, dy: Tensor, needed: readonly boolean[]) => readonly (Tensor | null)[];

/** Sums a gradient over the axes along which its tensor was broadcast. */
export function unbroadcast(gradient: Tensor, shape: Shape): Tensor {
  const lead = gradient.shape.length - shape.length;
  const stretched = gradient.shape.flatMap((length, axis) =>
    axis < lead || (shape[axis - lead] === 1 && length !== 1) ? [axis] : [],
  );
  return reshape(reduceSum(gradient, stretched), shape);
}

export function numbers(node: Node, attribute: string): readonly number[] {
  return node.attributes[attribute] as readonly number[];
}
