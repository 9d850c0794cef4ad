import { GraphError, describe, sizeOf } from './tensor.ts';
import type { Attributes, DType, Shape, Tensor } from './tensor.ts';

interface Application {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
}

interface Inferred {
  readonly dtype: DType;
  readonly shape: Shape;
}

function fail(application: Application, problem: string): never {
  throw new GraphError(`${application.name}: ${problem}`);
}

function listed(application: Application, key: string, fallback?: readonly number[]): readonly number[] {
  const value = application.attributes[key] ?? fallback;
  if (!Array.isArray(value)) return fail(application, `attribute ${key} is missing`);
  return value as readonly number[];
}

function numbered(application: Application, key: string, fallback: number): number {
  const value = application.attributes[key] ?? fallback;
  return typeof value === 'number' ? value : fail(application, `attribute ${key} is not a number`);
}

/**
 * NumPy's broadcasting of two shapes: aligned at the end, a 1 stretches.
 * @returns null when they do not fit
 */
function broadcastShapes(a: Shape, b: Shape): Shape | null {
  const rank = Math.max(a.length, b.length);
  const shape: number[] = [];
  for (let i = 0; i < rank; i++) {
    const left = a[a.length - rank + i] ?? 1;
    const right = b[b.length - rank + i] ?? 1;
    if (left !== right && left !== 1 && right !== 1) return null;
    shape.push(left === 1 ? right : left);
  }
  return shape;
}

function broadcast(application: Application, tensors: readonly Tensor[]): Shape {
  return tensors.reduce<Shape>(
    (shape, tensor) =>
      broadcastShapes(shape, tensor.shape) ??
      fail(application, `shapes do not broadcast: ${tensors.map(describe).join(' and ')}`),
    [],
  );
}

function sameType(application: Application, a: Tensor, b: Tensor): DType {
  if (a.dtype !== b.dtype) return fail(application, `types differ: ${describe(a)} and ${describe(b)}`);
  return a.dtype;
}

function elementwise(dtypes: readonly DType[], result?: DType) {
  return (application: Application): Inferred => {
    const first = application.inputs[0]!;
    const last = application.inputs.at(-1)!;
    const dtype = sameType(application, first, last);
    if (!dtypes.includes(dtype)) {
      return fail(application, `takes ${dtypes.join(' or ')}, not ${describe(first)}`);
    }
    return { dtype: result ?? dtype, shape: broadcast(application, application.inputs) };
  };
}

function spatialLength(size: number, kernel: number, stride: number, pads: number, dilation: number): number {
  return Math.floor((size + pads - dilation * (kernel - 1) - 1) / stride) + 1;
}

function convolution(application: Application): Inferred {
  const [x, w, bias] = application.inputs as [Tensor, Tensor, Tensor?];
  const rank = x.shape.length - 2;
  if (rank < 1 || w.shape.length !== x.shape.length) {
    return fail(
      application,
      `input ${describe(x)} and weight ${describe(w)} must have one rank of 3 or more`,
    );
  }
  const group = numbered(application, 'group', 1);
  if (w.shape[1]! * group !== x.shape[1]! || w.shape[0]! % group !== 0) {
    return fail(
      application,
      `input ${describe(x)} has ${x.shape[1]!} channels, but weight ${describe(w)} takes ${w.shape[1]!} in ${group} group(s)`,
    );
  }
  checkBias(application, bias, w.shape[0]!);
  const strides = listed(application, 'strides');
  const pads = listed(application, 'pads');
  const dilations = listed(application, 'dilations');
  const spatial = strides.map((stride, i) =>
    spatialLength(x.shape[i + 2]!, w.shape[i + 2]!, stride, pads[i]! + pads[i + rank]!, dilations[i]!),
  );
  if (spatial.some((length) => length < 1)) {
    return fail(application, `kernel ${describe(w)} is larger than the padded input ${describe(x)}`);
  }
  return { dtype: 'float32', shape: [x.shape[0]!, w.shape[0]!, ...spatial] };
}

function transposedConvolution(application: Application): Inferred {
  const [x, w, bias] = application.inputs as [Tensor, Tensor, Tensor?];
  const rank = x.shape.length - 2;
  const group = numbered(application, 'group', 1);
  if (w.shape.length !== x.shape.length || w.shape[0] !== x.shape[1] || x.shape[1]! % group !== 0) {
    return fail(application, `input ${describe(x)} does not fit weight ${describe(w)} in ${group} group(s)`);
  }
  const channels = w.shape[1]! * group;
  checkBias(application, bias, channels);
  const pads = listed(application, 'pads');
  const dilations = listed(application, 'dilations');
  const extra = listed(application, 'output_padding');
  const spatial = listed(application, 'strides').map(
    (stride, i) =>
      (x.shape[i + 2]! - 1) * stride +
      dilations[i]! * (w.shape[i + 2]! - 1) +
      1 +
      extra[i]! -
      pads[i]! -
      pads[i + rank]!,
  );
  return { dtype: 'float32', shape: [x.shape[0]!, channels, ...spatial] };
}

function checkBias(application: Application, bias: Tensor | undefined, channels: number): void {
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== channels)) {
    fail(application, `bias ${describe(bias)} must be [${channels}]`);
  }
}

function pooling(application: Application): Inferred {
  const x = application.inputs[0]!;
  if (x.shape.length !== 4)
    return fail(application, `input ${describe(x)} must be [batch, channels, height, width]`);
  const pads = listed(application, 'pads');
  const strides = listed(application, 'strides');
  const spatial = listed(application, 'kernel_shape').map((kernel, i) => {
    if (pads[i]! >= kernel || pads[i + 2]! >= kernel)
      fail(application, `pads [${pads.join(', ')}] reach the kernel`);
    return spatialLength(x.shape[i + 2]!, kernel, strides[i]!, pads[i]! + pads[i + 2]!, 1);
  });
  if (spatial.some((length) => length < 1)) return fail(application, `window is larger than ${describe(x)}`);
  return { dtype: 'float32', shape: [x.shape[0]!, x.shape[1]!, ...spatial] };
}

function reduction(application: Application): Inferred {
  const x = application.inputs[0]!;
  const axes = listed(application, 'axes');
  if (axes.some((axis) => axis < 0 || axis >= x.shape.length)) {
    return fail(application, `${describe(x)} has no axes [${axes.join(', ')}]`);
  }
  const keep = numbered(application, 'keepdims', 1) === 1;
  const shape = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  return { dtype: x.dtype, shape: keep ? shape : shape.filter((_, axis) => !axes.includes(axis)) };
}

function product(application: Application): Inferred {
  const [a, b] = application.inputs as [Tensor, Tensor];
  if (a.shape.length < 2 || b.shape.length < 2 || a.shape.at(-1) !== b.shape.at(-2)) {
    return fail(
      application,
      `${describe(a)} × ${describe(b)}: columns of the first must be rows of the second`,
    );
  }
  const batch =
    broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2)) ??
    fail(application, `batches do not broadcast: ${describe(a)} and ${describe(b)}`);
  return { dtype: sameType(application, a, b), shape: [...batch, a.shape.at(-2)!, b.shape.at(-1)!] };
}

function generalProduct(application: Application): Inferred {
  const [a, b, c] = application.inputs as [Tensor, Tensor, Tensor?];
  if (a.shape.length !== 2 || b.shape.length !== 2) {
    return fail(application, `takes two matrices, not ${describe(a)} and ${describe(b)}`);
  }
  const [m, k] =
    numbered(application, 'transA', 0) === 1 ? [a.shape[1]!, a.shape[0]!] : [a.shape[0]!, a.shape[1]!];
  const [l, n] =
    numbered(application, 'transB', 0) === 1 ? [b.shape[1]!, b.shape[0]!] : [b.shape[0]!, b.shape[1]!];
  if (k !== l)
    return fail(application, `inner lengths differ (${k} and ${l}): ${describe(a)} and ${describe(b)}`);
  if (c && broadcastShapes(c.shape, [m, n])?.join() !== [m, n].join()) {
    return fail(application, `addend ${describe(c)} does not broadcast to [${m}, ${n}]`);
  }
  return { dtype: 'float32', shape: [m, n] };
}

function concatenation(application: Application): Inferred {
  const axis = numbered(application, 'axis', 0);
  const first = application.inputs[0]!;
  let total = 0;
  for (const x of application.inputs) {
    sameType(application, first, x);
    const fits =
      x.shape.length === first.shape.length &&
      x.shape.every((length, i) => i === axis || length === first.shape[i]);
    if (!fits || axis >= x.shape.length) {
      return fail(application, `along axis ${axis} ${describe(x)} does not fit ${describe(first)}`);
    }
    total += x.shape[axis]!;
  }
  return { dtype: first.dtype, shape: first.shape.with(axis, total) };
}

function slice(application: Application): Inferred {
  const x = application.inputs[0]!;
  const starts = listed(application, 'starts');
  const ends = listed(application, 'ends');
  const steps = listed(application, 'steps');
  const shape = [...x.shape];
  listed(application, 'axes').forEach((axis, i) => {
    const [start, end, step] = [starts[i]!, ends[i]!, steps[i]!];
    const size = x.shape[axis] ?? fail(application, `${describe(x)} has no axis ${axis}`);
    const inside =
      step > 0 ? start >= 0 && end <= size && start < end : start < size && end >= -1 && start > end;
    if (!inside) fail(application, `${start}…${end} by ${step} is not inside axis ${axis} of ${describe(x)}`);
    shape[axis] = Math.ceil((end - start) / step);
  });
  return { dtype: x.dtype, shape };
}

function statistic(application: Application): Inferred {
  const [normalised, x] = application.inputs as [Tensor, Tensor];
  const { producer } = normalised;
  if (producer?.operator !== 'BatchNormalization' || producer.inputs[0] !== x)
    return fail(application, `${describe(normalised)} is not ${describe(x)} after a BatchNormalization`);
  return { dtype: 'float32', shape: [x.shape[1]!] };
}

const FLOAT: readonly DType[] = ['float32'];
const NUMBER: readonly DType[] = ['float32', 'int32'];
const unary = elementwise(FLOAT);
const arithmetic = elementwise(NUMBER);
const comparison = elementwise(NUMBER, 'bool');

/**
 * Shape and type of the output of every operator of the graph; the names are those of the ONNX standard. There,
 * BatchNormalization (which normalises by the batch's own statistics here) has the mean and the biased variance of each
 * channel as outputs beside the first; here they are operators of [what it made, what it was made of].
 */
const OPERATORS = {
  Identity: ({ inputs }: Application): Inferred => inputs[0]!,
  Relu: unary,
  Sigmoid: unary,
  Tanh: unary,
  Exp: unary,
  Log: unary,
  Sqrt: unary,
  Neg: unary,
  Abs: unary,
  Reciprocal: unary,
  Floor: unary,
  Clip: unary,
  Add: arithmetic,
  Sub: arithmetic,
  Mul: arithmetic,
  Div: arithmetic,
  Pow: unary,
  Max: arithmetic,
  Min: arithmetic,
  Equal: comparison,
  Greater: comparison,
  Less: comparison,
  Not: elementwise(['bool']),
  Cast: ({ inputs, attributes }: Application): Inferred => ({
    dtype: attributes['to'] as DType,
    shape: inputs[0]!.shape,
  }),
  Where(application: Application): Inferred {
    const [condition, a, b] = application.inputs as [Tensor, Tensor, Tensor];
    if (condition.dtype !== 'bool') return fail(application, `condition ${describe(condition)} must be bool`);
    return { dtype: sameType(application, a, b), shape: broadcast(application, application.inputs) };
  },
  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceMax: reduction,
  ReduceSumSquare: reduction,
  MatMul: product,
  Gemm: generalProduct,
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  BatchNormalization(application: Application): Inferred {
    const [x, ...vectors] = application.inputs as [Tensor, ...Tensor[]];
    for (const vector of vectors) {
      if (vector.shape.join() !== String(x.shape[1]))
        return fail(application, `${describe(vector)} must be [${x.shape[1]!}]`);
    }
    return x;
  },
  BatchMean: statistic,
  BatchVariance: statistic,
  MaxPool: pooling,
  AveragePool: pooling,
  GlobalAveragePool(application: Application): Inferred {
    const x = application.inputs[0]!;
    if (x.shape.length !== 4)
      return fail(application, `input ${describe(x)} must be [batch, channels, height, width]`);
    return { dtype: 'float32', shape: [x.shape[0]!, x.shape[1]!, 1, 1] };
  },
  Softmax: unary,
  TopK(application: Application): Inferred {
    const x = application.inputs[0]!;
    const [count] = listed(application, 'k') as [number];
    const length = x.shape.at(-1) ?? 0;
    if (x.dtype !== 'float32') return fail(application, `takes float32, not ${describe(x)}`);
    if (count < 1 || count > length)
      return fail(application, `the last axis of ${describe(x)} has no ${count} elements`);
    return { dtype: x.dtype, shape: x.shape.with(-1, count) };
  },
  Concat: concatenation,
  Slice: slice,
  Reshape(application: Application): Inferred {
    const x = application.inputs[0]!;
    const shape = listed(application, 'shape');
    if (sizeOf(shape) !== sizeOf(x.shape))
      return fail(application, `${describe(x)} cannot become [${shape.join(', ')}]`);
    return { dtype: x.dtype, shape };
  },
  Transpose(application: Application): Inferred {
    const x = application.inputs[0]!;
    const perm = listed(application, 'perm');
    const sorted = [...perm].sort((a, b) => a - b);
    if (sorted.length !== x.shape.length || sorted.some((axis, i) => axis !== i)) {
      return fail(application, `[${perm.join(', ')}] does not permute the axes of ${describe(x)}`);
    }
    return { dtype: x.dtype, shape: perm.map((axis) => x.shape[axis]!) };
  },
  Expand(application: Application): Inferred {
    const x = application.inputs[0]!;
    const shape = listed(application, 'shape');
    if (broadcastShapes(x.shape, shape)?.join() !== shape.join()) {
      return fail(application, `${describe(x)} does not broadcast to [${shape.join(', ')}]`);
    }
    return { dtype: x.dtype, shape };
  },
  Gather(application: Application): Inferred {
    const [x, indices] = application.inputs as [Tensor, Tensor];
    if (indices.dtype !== 'int32') return fail(application, `indices ${describe(indices)} must be int32`);
    return { dtype: x.dtype, shape: [...indices.shape, ...x.shape.slice(1)] };
  },
  Pad(application: Application): Inferred {
    const x = application.inputs[0]!;
    const pads = listed(application, 'pads');
    const rank = x.shape.length;
    if (pads.length !== 2 * rank || pads.some((pad) => pad < 0)) {
      return fail(application, `pads [${pads.join(', ')}] do not fit ${describe(x)}`);
    }
    return { dtype: x.dtype, shape: x.shape.map((length, i) => length + pads[i]! + pads[i + rank]!) };
  },
} as const;

export type OperatorName = keyof typeof OPERATORS;

/** @throws GraphError, which names the operator, the tensors and their shapes */
export function inferShape(
  operator: OperatorName,
  name: string,
  inputs: readonly Tensor[],
  attributes: Attributes,
): Inferred {
  return OPERATORS[operator]({ name, inputs, attributes });
}
