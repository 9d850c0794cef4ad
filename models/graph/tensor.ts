import type { Graph } from './graph.ts';
import type { OperatorName } from './shapes.ts';

/** Element types which both the cpu and the webgpu provider of ONNX Runtime compute with. */
export type DType = 'float32' | 'int32' | 'bool';

export type Shape = readonly number[];

/** Attributes of an operator. They include what ONNX takes as constant int64 inputs (axes, pads, starts). */
export type Attributes = Readonly<Record<string, number | string | readonly number[]>>;

/** Values of a constant, in row-major order; booleans are bytes of 0 and 1. */
export type Values = Float32Array | Int32Array | Uint8Array;

/** One application of an operator. Every operator of this graph has exactly one output. */
export interface Node {
  readonly operator: OperatorName;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  readonly output: Tensor;
}

/** A value in the graph: an input, a constant, or the output of a node. Its shape is known when it is created. */
export interface Tensor {
  readonly graph: Graph;
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape;
  /** The node that computes it, or null for inputs and constants. */
  readonly producer: Node | null;
}

/**
 * Gradients of a tensor's sources, given the gradient of the tensor itself. Null means that the source has no gradient;
 * `needed[i]` is false when the i-th one is not needed.
 */
export type GradientRule = (dy: Tensor, needed: readonly boolean[]) => readonly (Tensor | null)[];

/** A graph that can't be built. The message names the operator, the tensors and the shapes that do not fit. */
export class GraphError extends Error {
  override readonly name = 'GraphError';
}

/** `"x" [32, 64, 49, 22]`, as error messages show a tensor. */
export function describe(tensor: Tensor): string {
  return `"${tensor.name}" [${tensor.shape.join(', ')}]${tensor.dtype === 'float32' ? '' : ` ${tensor.dtype}`}`;
}

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, length) => product * length, 1);
}
