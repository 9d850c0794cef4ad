import { GraphError, describe, sizeOf } from './tensor.ts';
import type { Attributes, DType, Shape, Tensor } from './tensor.ts';
import type { OperatorName } from './shapes.ts';

/** A tensor, or a number that becomes a constant. */
export type Operand = Tensor | number;

function unary(operator: OperatorName) {
  return (x: Tensor): Tensor => x.graph.apply(operator, [x]);
}

function binary(operator: OperatorName) {
  return (a: Operand, b: Operand): Tensor => {
    const [left, right] = lift(a, b);
    return left.graph.apply(operator, [left, right]);
  };
}

function lift(a: Operand, b: Operand): [Tensor, Tensor] {
  if (typeof a === 'number' && typeof b === 'number') {
    throw new GraphError(`One of two operands must be a tensor, not the numbers ${a} and ${b}`);
  }
  const like = (typeof a === 'number' ? b : a) as Tensor;
  const dtype = like.dtype === 'int32' ? 'int32' : 'float32';
  const made = (x: Operand): Tensor => (typeof x === 'number' ? like.graph.scalar(x, dtype) : x);
  return [made(a), made(b)];
}

export const relu = unary('Relu');
export const sigmoid = unary('Sigmoid');
export const tanh = unary('Tanh');
export const exp = unary('Exp');
/** Natural logarithm. */
export const log = unary('Log');
export const sqrt = unary('Sqrt');
export const neg = unary('Neg');
export const abs = unary('Abs');
/** 1/x */
export const reciprocal = unary('Reciprocal');
export const not = unary('Not');
/** The next whole number below. */
export const floor = unary('Floor');

/** Arithmetic and comparison broadcast as in NumPy. */
export const add = binary('Add');
export const sub = binary('Sub');
export const mul = binary('Mul');
export const div = binary('Div');
export const pow = binary('Pow');
export const equal = binary('Equal');
export const greater = binary('Greater');
export const less = binary('Less');

export function square(x: Tensor): Tensor {
  return mul(x, x);
}

/** `a` where the condition holds, `b` elsewhere. */
export function where(condition: Tensor, a: Operand, b: Operand): Tensor {
  const graph = condition.graph;
  const made = (x: Operand): Tensor => (typeof x === 'number' ? graph.scalar(x) : x);
  return graph.apply('Where', [condition, made(a), made(b)]);
}

/** The larger of the two; at a tie the gradient goes to `b`. */
export const maximum = binary('Max');
/** The smaller of the two; at a tie the gradient goes to `b`. */
export const minimum = binary('Min');

export function clip(x: Tensor, min: number, max: number): Tensor {
  return x.graph.apply('Clip', [x], { min, max });
}

export function cast(x: Tensor, to: DType): Tensor {
  return x.dtype === to ? x : x.graph.apply('Cast', [x], { to });
}

function reduce(operator: OperatorName) {
  /** By default over all axes; negative axes count from the end; `keep` leaves reduced axes with length 1. */
  return (x: Tensor, axes?: readonly number[], keepAxes = false): Tensor => {
    const all = axes ?? x.shape.map((_, axis) => axis);
    const counted = all.map((axis) => (axis < 0 ? axis + x.shape.length : axis)).sort((a, b) => a - b);
    if (counted.length === 0) return x;
    return x.graph.apply(operator, [x], { axes: counted, keepdims: keepAxes ? 1 : 0 });
  };
}

export const reduceSum = reduce('ReduceSum');
export const reduceMean = reduce('ReduceMean');
/** The largest; tied elements share the gradient equally. */
export const reduceMax = reduce('ReduceMax');
export const reduceSumSquare = reduce('ReduceSumSquare');

/** Matrix product of the last two axes; the axes before them broadcast. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  return a.graph.apply('MatMul', [a, b]);
}

/** `op(a) · op(b) + addend` of matrices, where op optionally transposes. */
export function gemm(
  a: Tensor,
  b: Tensor,
  options: { addend?: Tensor | undefined; transposeA?: boolean; transposeB?: boolean } = {},
): Tensor {
  const { addend, transposeA = false, transposeB = false } = options;
  return a.graph.apply('Gemm', addend ? [a, b, addend] : [a, b], {
    transA: transposeA ? 1 : 0,
    transB: transposeB ? 1 : 0,
  });
}

/** Options of convolutions, one number for each spatial axis; `pads` lists all beginnings, then all ends. */
export interface ConvolutionOptions {
  readonly strides?: readonly number[];
  readonly pads?: readonly number[];
  readonly dilations?: readonly number[];
  readonly group?: number;
}

function convolutionAttributes(
  w: Tensor,
  options: ConvolutionOptions,
): Record<string, number | readonly number[]> {
  const kernel = w.shape.slice(2);
  const ones = kernel.map(() => 1);
  return {
    kernel_shape: kernel,
    strides: options.strides ?? ones,
    pads: options.pads ?? [...kernel, ...kernel].map(() => 0),
    dilations: options.dilations ?? ones,
    group: options.group ?? 1,
  };
}

/** Cross-correlation of x [batch, channels, …] with w [out channels, channels / group, …]. */
export function conv(
  x: Tensor,
  w: Tensor,
  options: ConvolutionOptions & { bias?: Tensor | undefined } = {},
): Tensor {
  const inputs = options.bias ? [x, w, options.bias] : [x, w];
  return x.graph.apply('Conv', inputs, convolutionAttributes(w, options));
}

/** The transpose of `conv`: x [batch, channels, …], w [channels, out channels / group, …]. */
export function convTranspose(
  x: Tensor,
  w: Tensor,
  options: ConvolutionOptions & { outputPadding?: readonly number[] } = {},
): Tensor {
  return x.graph.apply('ConvTranspose', [x, w], {
    ...convolutionAttributes(w, options),
    output_padding: options.outputPadding ?? w.shape.slice(2).map(() => 0),
  });
}

export interface PoolOptions {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  /** top, left, bottom, right */
  readonly pads?: readonly [number, number, number, number];
}

function poolAttributes(options: PoolOptions): Attributes {
  return { kernel_shape: options.kernel, strides: options.strides, pads: options.pads ?? [0, 0, 0, 0] };
}

/** At a tie the gradient goes to the first element of the window, as in PyTorch. */
export function maxPool(x: Tensor, options: PoolOptions): Tensor {
  return x.graph.apply('MaxPool', [x], poolAttributes(options));
}

/** By default padding does not count towards the mean. */
export function averagePool(x: Tensor, options: PoolOptions & { countPadding?: boolean }): Tensor {
  return x.graph.apply('AveragePool', [x], {
    ...poolAttributes(options),
    count_include_pad: options.countPadding === true ? 1 : 0,
  });
}

/** Mean over height and width: [batch, channels, 1, 1]. */
export function globalAveragePool(x: Tensor): Tensor {
  return x.graph.apply('GlobalAveragePool', [x]);
}

/** The `count` largest (or smallest) elements of the last axis, sorted, the most extreme first. It has no gradient. */
export function topK(x: Tensor, count: number, which: 'largest' | 'smallest' = 'largest'): Tensor {
  const axis = x.shape.length - 1;
  return x.graph.apply('TopK', [x], { k: [count], axis, largest: which === 'largest' ? 1 : 0, sorted: 1 });
}

/** Over the last axis. */
export function softmax(x: Tensor): Tensor {
  return x.graph.apply('Softmax', [x], { axis: x.shape.length - 1 });
}

export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  const first = tensors[0];
  if (!first) throw new GraphError('Concat needs at least one tensor');
  return tensors.length === 1 ? first : first.graph.apply('Concat', tensors, { axis });
}

/** One range of a slice; a negative step runs backwards, then `end` may be −1 (before the first element). */
export interface SliceRange {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
  readonly step?: number;
}

export function slice(x: Tensor, ranges: readonly SliceRange[]): Tensor {
  const cut = ranges.filter(
    ({ axis, start, end, step = 1 }) => !(start === 0 && end === x.shape[axis] && step === 1),
  );
  if (cut.length === 0) return x;
  // The webgpu provider of ONNX Runtime 1.30 takes wrong elements at steps below -1: slice forwards, then reverse.
  const strided = cut.filter(({ step = 1 }) => step < -1);
  if (strided.length > 0) {
    const forwards = cut.map((range) => {
      const { axis, start, end, step = 1 } = range;
      if (step >= -1) return range;
      const last = start + (Math.ceil((end - start) / step) - 1) * step;
      return { axis, start: last, end: start + 1, step: -step };
    });
    return reverse(slice(x, forwards), strided.map(({ axis }) => axis)); // prettier-ignore
  }
  return x.graph.apply('Slice', [x], {
    axes: cut.map(({ axis }) => axis),
    starts: cut.map(({ start }) => start),
    ends: cut.map(({ end }) => end),
    steps: cut.map(({ step = 1 }) => step),
  });
}

/** Runs these axes backwards. */
export function reverse(x: Tensor, axes: readonly number[]): Tensor {
  return slice(
    x,
    axes
      .filter((axis) => x.shape[axis] !== 1)
      .map((axis) => ({ axis, start: x.shape[axis]! - 1, end: -1, step: -1 })),
  );
}

/** One length may be −1: it is inferred. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.filter((length) => length !== -1);
  const rest = sizeOf(x.shape) / sizeOf(known);
  if (known.length < shape.length - 1 || (known.length < shape.length && !Number.isInteger(rest))) {
    throw new GraphError(`Reshape: ${describe(x)} cannot become [${shape.join(', ')}]`);
  }
  const full = shape.map((length) => (length === -1 ? rest : length));
  return full.join() === x.shape.join() ? x : x.graph.apply('Reshape', [x], { shape: full });
}

export function transpose(x: Tensor, perm: readonly number[]): Tensor {
  return perm.every((axis, i) => axis === i) ? x : x.graph.apply('Transpose', [x], { perm });
}

export function expand(x: Tensor, shape: Shape): Tensor {
  return shape.join() === x.shape.join() ? x : x.graph.apply('Expand', [x], { shape });
}

/** Rows of `x` (entries of its first axis) by int32 indices. */
export function gather(x: Tensor, indices: Tensor): Tensor {
  return x.graph.apply('Gather', [x, indices], { axis: 0 });
}

/** Surrounds with `value`: `before[i]` and `after[i]` elements on axis i. */
export function pad(x: Tensor, before: readonly number[], after: readonly number[], value = 0): Tensor {
  const pads = [...before, ...after];
  return pads.every((count) => count === 0) ? x : x.graph.apply('Pad', [x], { pads, value });
}
