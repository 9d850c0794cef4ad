import {
  cast,
  div,
  equal,
  expand,
  gemm,
  matmul,
  mul,
  reduceSum,
  reshape,
  sub,
  transpose,
} from '../../operators.ts';
import type { Node, Shape, Tensor } from '../../tensor.ts';
import { sizeOf } from '../../tensor.ts';
import { numbers, unbroadcast } from './rule.ts';
import type { OperatorRule } from './rule.ts';

/** Swaps the last two axes. */
function transposeLast(x: Tensor): Tensor {
  const rank = x.shape.length;
  return transpose(x, [...x.shape.keys()].slice(0, rank - 2).concat(rank - 1, rank - 2));
}

/** The reduced tensor's shape with the reduced axes kept as 1. */
function keptShape(node: Node): Shape {
  const axes = numbers(node, 'axes');
  return node.inputs[0]!.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
}

export const LINEAR_RULES = {
  MatMul: ((node, dy, needed) => {
    const [a, b] = node.inputs as [Tensor, Tensor];
    if (a.shape.length === 2 && b.shape.length === 2) {
      return [
        needed[0] ? gemm(dy, b, { transposeB: true }) : null,
        needed[1] ? gemm(a, dy, { transposeA: true }) : null,
      ];
    }
    return [
      needed[0] ? unbroadcast(matmul(dy, transposeLast(b)), a.shape) : null,
      needed[1] ? unbroadcast(matmul(transposeLast(a), dy), b.shape) : null,
    ];
  }) satisfies OperatorRule,
  Gemm: ((node, dy, needed) => {
    const [a, b, addend] = node.inputs as [Tensor, Tensor, Tensor?];
    const transposeA = node.attributes['transA'] === 1;
    const transposeB = node.attributes['transB'] === 1;
    const da = (): Tensor =>
      transposeA
        ? gemm(b, dy, { transposeA: transposeB, transposeB: true })
        : gemm(dy, b, { transposeB: !transposeB });
    const db = (): Tensor =>
      transposeB
        ? gemm(dy, a, { transposeA: true, transposeB: transposeA })
        : gemm(a, dy, { transposeA: !transposeA });
    return [
      needed[0] ? da() : null,
      needed[1] ? db() : null,
      addend && needed[2] ? unbroadcast(dy, addend.shape) : null,
    ];
  }) satisfies OperatorRule,
  Softmax: ((node, dy) => {
    const y = node.output;
    return [mul(y, sub(dy, reduceSum(mul(dy, y), [-1], true)))];
  }) satisfies OperatorRule,
  ReduceSum: ((node, dy) => [
    expand(reshape(dy, keptShape(node)), node.inputs[0]!.shape),
  ]) satisfies OperatorRule,
  ReduceMean: ((node, dy) => {
    const x = node.inputs[0]!;
    const count = sizeOf(x.shape) / sizeOf(node.output.shape);
    return [expand(reshape(mul(dy, 1 / count), keptShape(node)), x.shape)];
  }) satisfies OperatorRule,
  ReduceMax: ((node, dy) => {
    const x = node.inputs[0]!;
    const kept = keptShape(node);
    const largest = cast(equal(x, reshape(node.output, kept)), 'float32');
    const tied = reduceSum(largest, numbers(node, 'axes'), true);
    return [mul(largest, div(reshape(dy, kept), tied))];
  }) satisfies OperatorRule,
  ReduceSumSquare: ((node, dy) => {
    const x = node.inputs[0]!;
    return [mul(x, reshape(mul(dy, 2), keptShape(node)))];
  }) satisfies OperatorRule,
};
