import {
  abs,
  div,
  equal,
  greater,
  less,
  log,
  mul,
  neg,
  not,
  pow,
  square,
  sub,
  where,
} from '../../operators.ts';
import type { Tensor } from '../../tensor.ts';
import { masked, unbroadcast } from './rule.ts';
import type { OperatorRule } from './rule.ts';

/** A rule for y = f(x), given dy, x and y. */
function unary(derive: (dy: Tensor, x: Tensor, y: Tensor) => Tensor): OperatorRule {
  return (node, dy) => [derive(dy, node.inputs[0]!, node.output)];
}

type Partial = (dy: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor;

/** A rule for y = f(a, b) with broadcasting, from both partial derivatives. */
function binary(first: Partial, second: Partial): OperatorRule {
  return (node, dy, needed) => {
    const [a, b] = node.inputs as [Tensor, Tensor];
    return [
      needed[0] ? unbroadcast(first(dy, a, b, node.output), a.shape) : null,
      needed[1] ? unbroadcast(second(dy, a, b, node.output), b.shape) : null,
    ];
  };
}

export const ELEMENTWISE_RULES = {
  Identity: unary((dy) => dy),
  // The derivative at 0 is taken as 0, as PyTorch does.
  Relu: unary((dy, _, y) => masked(dy, greater(y, 0))),
  Sigmoid: unary((dy, _, y) => mul(dy, mul(y, sub(1, y)))),
  Tanh: unary((dy, _, y) => mul(dy, sub(1, square(y)))),
  Exp: unary((dy, _, y) => mul(dy, y)),
  Log: unary((dy, x) => div(dy, x)),
  Sqrt: unary((dy, _, y) => div(mul(dy, 0.5), y)),
  Neg: unary((dy) => neg(dy)),
  Abs: unary((dy, x) => where(greater(x, 0), dy, where(less(x, 0), neg(dy), 0))),
  Reciprocal: unary((dy, _, y) => neg(mul(dy, square(y)))),
  Clip: ((node, dy) => {
    const x = node.inputs[0]!;
    const { min, max } = node.attributes as { min: number; max: number };
    return [where(greater(x, max), 0, where(less(x, min), 0, dy))];
  }) satisfies OperatorRule,
  Add: binary(
    (dy) => dy,
    (dy) => dy,
  ),
  Sub: binary(
    (dy) => dy,
    (dy) => neg(dy),
  ),
  Mul: binary(
    (dy, _, b) => mul(dy, b),
    (dy, a) => mul(dy, a),
  ),
  Div: binary(
    (dy, _, b) => div(dy, b),
    (dy, _, b, y) => neg(div(mul(dy, y), b)),
  ),
  Pow: binary(
    (dy, a, b) => mul(dy, mul(b, pow(a, sub(b, 1)))),
    // 0 to any power stays 0: its logarithm must not turn the gradient into a NaN.
    (dy, a, _, y) => mul(dy, mul(y, log(where(equal(a, 0), 1, abs(a))))),
  ),
  Max: binary(
    (dy, a, b) => where(greater(a, b), dy, 0),
    (dy, a, b) => where(greater(a, b), 0, dy),
  ),
  Min: binary(
    (dy, a, b) => where(less(a, b), dy, 0),
    (dy, a, b) => where(less(a, b), 0, dy),
  ),
  Where: ((node, dy, needed) => {
    const [condition, a, b] = node.inputs as [Tensor, Tensor, Tensor];
    return [
      null,
      needed[1] ? unbroadcast(where(condition, dy, 0), a.shape) : null,
      needed[2] ? unbroadcast(where(not(condition), dy, 0), b.shape) : null,
    ];
  }) satisfies OperatorRule,
};
