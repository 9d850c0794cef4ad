import type * as tensorflow from '@tensorflow/tfjs';
import type { Node } from '../graph/index.ts';

export type Tf = typeof tensorflow;
export type T = tensorflow.Tensor;

export function list(node: Node, key: string): number[] {
  return [...(node.attributes[key] as readonly number[])];
}

export function number(node: Node, key: string): number {
  return node.attributes[key] as number;
}
