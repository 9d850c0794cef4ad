import {
  broadcast,
  broadcastShapes,
  fail,
  listed,
  numbered,
  sameType,
  type Application,
  type Inferred,
} from './shape-rules/application.ts';
import { concatenation, slice } from './shape-rules/arrangement.ts';
import { generalProduct, product } from './shape-rules/products.ts';
import { convolution, pooling, transposedConvolution } from './shape-rules/windows.ts';
import { describe, sizeOf } from './tensor.ts';
import type { Attributes, DType, Tensor } from './tensor.ts';

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
 * Shape and type of the output of every operator of the graph; the names are those of the ONNX standard. In ONNX,
 * BatchNormalization (which here normalises by the batch's own statistics) has the mean and the biased variance of each
 * channel as additional outputs; here they are operators on [its output, its input].
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
