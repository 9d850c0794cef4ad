import { cast, equal, gemm, pad, reshape, reverse, slice, transpose } from '../../operators.ts';
import { sizeOf } from '../../tensor.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { numbers, unbroadcast } from './rule.ts';
import type { OperatorRule } from './rule.ts';

/** Puts `step − 1` zeros after every element of an axis. */
function spread(x: Tensor, axis: number, step: number): Tensor {
  const zeros = x.shape.map(() => 0);
  const split = reshape(x, x.shape.toSpliced(axis + 1, 0, 1));
  const padded = pad(split, [...zeros, 0], [...zeros, 0].with(axis + 1, step - 1));
  return reshape(padded, x.shape.with(axis, x.shape[axis]! * step));
}

/** The transpose of a slice: zeros of `shape`, with `dy` at the sliced places. */
function scatterSlice(
  dy: Tensor,
  shape: Shape,
  { axes, starts, steps }: { axes: readonly number[]; starts: readonly number[]; steps: readonly number[] },
): Tensor {
  let placed = dy;
  const before = shape.map(() => 0);
  axes.forEach((axis, i) => {
    let [start, step] = [starts[i]!, steps[i]!];
    const count = dy.shape[axis]!;
    if (step < 0) {
      placed = reverse(placed, [axis]);
      start += (count - 1) * step;
      step = -step;
    }
    if (step > 1) placed = spread(placed, axis, step);
    before[axis] = start;
    placed = slice(placed, [{ axis, start: 0, end: Math.min(placed.shape[axis]!, shape[axis]! - start) }]);
  });
  return pad(
    placed,
    before,
    shape.map((length, axis) => length - before[axis]! - placed.shape[axis]!),
  );
}

export const ARRANGEMENT_RULES = {
  Concat: ((node, dy, needed) => {
    const axis = node.attributes['axis'] as number;
    let start = 0;
    return node.inputs.map((input, i) => {
      const end = start + input.shape[axis]!;
      const part = needed[i] ? slice(dy, [{ axis, start, end }]) : null;
      start = end;
      return part;
    });
  }) satisfies OperatorRule,
  Slice: ((node, dy) => [
    scatterSlice(dy, node.inputs[0]!.shape, {
      axes: numbers(node, 'axes'),
      starts: numbers(node, 'starts'),
      steps: numbers(node, 'steps'),
    }),
  ]) satisfies OperatorRule,
  Reshape: ((node, dy) => [reshape(dy, node.inputs[0]!.shape)]) satisfies OperatorRule,
  Transpose: ((node, dy) => {
    const perm = numbers(node, 'perm');
    return [
      transpose(
        dy,
        perm.map((_, axis) => perm.indexOf(axis)),
      ),
    ];
  }) satisfies OperatorRule,
  Expand: ((node, dy) => [unbroadcast(dy, node.inputs[0]!.shape)]) satisfies OperatorRule,
  Pad: ((node, dy) => {
    const pads = numbers(node, 'pads');
    const ranges = node.inputs[0]!.shape.map((length, axis) => ({
      axis,
      start: pads[axis]!,
      end: pads[axis]! + length,
    }));
    return [slice(dy, ranges)];
  }) satisfies OperatorRule,
  // Rows that were taken twice add up: a product with the one-hot matrix of the indices does so on every provider.
  Gather: ((node, dy) => {
    const [x, indices] = node.inputs as [Tensor, Tensor];
    const rows = x.shape[0]!;
    const taken = sizeOf(indices.shape);
    const graph = x.graph;
    const every = Int32Array.from({ length: rows }, (_, row) => row);
    const range = graph.constant(graph.unusedName(`${node.output.name}/rows`), [1, rows], every);
    const oneHot = cast(equal(reshape(indices, [taken, 1]), range), 'float32');
    return [reshape(gemm(oneHot, reshape(dy, [taken, -1]), { transposeA: true }), x.shape), null];
  }) satisfies OperatorRule,
};
