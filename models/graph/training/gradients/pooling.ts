import { add, concat, equal, expand, matmul, mul, pad, reshape, slice, sub } from '../../operators.ts';
import type { Node, Shape, Tensor } from '../../tensor.ts';
import { masked, numbers } from './rule.ts';
import type { OperatorRule } from './rule.ts';

/** Padding of a maximum: below every other finite float. */
const LOWEST = -3.4028234663852886e38;

interface Windows {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  /** top, left, bottom, right */
  readonly pads: readonly [number, number, number, number];
}

function windowsOf(node: Node): Windows {
  return {
    kernel: numbers(node, 'kernel_shape') as [number, number],
    strides: numbers(node, 'strides') as [number, number],
    pads: numbers(node, 'pads') as [number, number, number, number],
  };
}

/** Positions within a window, row by row. */
function tapsOf({ kernel }: Windows): [number, number][] {
  return Array.from({ length: kernel[0] * kernel[1] }, (_, i) => [Math.floor(i / kernel[1]), i % kernel[1]]);
}

/**
 * The 0–1 matrix [kernel · count, size] which adds the values at the t-th positions of `count` windows to their places
 * on an axis; places in the padding are dropped.
 */
function placement(
  size: number,
  count: number,
  kernel: number,
  stride: number,
  before: number,
): Float32Array {
  const matrix = new Float32Array(kernel * count * size);
  for (let tap = 0; tap < kernel; tap++) {
    for (let i = 0; i < count; i++) {
      const position = i * stride + tap - before;
      if (position >= 0 && position < size) matrix[(tap * count + i) * size + position] = 1;
    }
  }
  return matrix;
}

/**
 * Sums, at every position of a plane of `shape` [batch, channels, height, width], the contributions of all windows over
 * it: `parts[t]` holds each window's contribution to its t-th position. Along a row it is a product with a 0–1 matrix,
 * which is faster than moving single numbers. Rows are moved whole: rows with the same offset within a stride are
 * summed, and then interleaved with the others.
 */
function sumOfWindows(parts: readonly Tensor[], windows: Windows, shape: Shape): Tensor {
  const { kernel, strides, pads } = windows;
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const graph = parts[0]!.graph;
  const [, , down, across] = parts[0]!.shape as [number, number, number, number];
  const matrix = graph.constant(
    graph.unusedName('placement'),
    [kernel[1] * across, width],
    placement(width, across, kernel[1], strides[1], pads[1]),
  );
  const rows = Math.ceil((height + pads[0] + pads[2]) / strides[0]);
  const phases: (Tensor | undefined)[] = Array.from({ length: strides[0] }, () => undefined);
  for (let row = 0; row < kernel[0]; row++) {
    const ofRow = parts.slice(row * kernel[1], (row + 1) * kernel[1]);
    const before = Math.floor(row / strides[0]);
    const placed = pad(concat(ofRow, 3), [0, 0, before, 0], [0, 0, rows - before - down, 0]);
    const known = phases[row % strides[0]];
    phases[row % strides[0]] = known ? add(known, placed) : placed;
  }
  const layers = phases.map((phase) =>
    reshape(phase ? matmul(phase, matrix) : expand(graph.scalar(0), [batch, channels, rows, width]), [
      batch,
      channels,
      rows,
      1,
      width,
    ]),
  );
  const whole = reshape(concat(layers, 3), [batch, channels, rows * strides[0], width]);
  return slice(whole, [{ axis: 2, start: pads[0], end: pads[0] + height }]);
}

/** 1 / (number of elements of each window that are no padding), [1, 1, rows, columns]. */
function reciprocalCounts(node: Node, { kernel, strides, pads }: Windows): Tensor {
  const [, , height, width] = node.inputs[0]!.shape as [number, number, number, number];
  const [, , rows, columns] = node.output.shape as [number, number, number, number];
  const counted = (index: number, stride: number, length: number, before: number, size: number): number => {
    const start = index * stride - before;
    return Math.min(start + length, size) - Math.max(start, 0);
  };
  const shares = Float32Array.from({ length: rows * columns }, (_, i) => {
    const down = counted(Math.floor(i / columns), strides[0], kernel[0], pads[0], height);
    return 1 / (down * counted(i % columns, strides[1], kernel[1], pads[1], width));
  });
  const graph = node.output.graph;
  return graph.constant(graph.unusedName(`${node.output.name}/shares`), [1, 1, rows, columns], shares);
}

export const POOLING_RULES = {
  // The first element of a window that equals the maximum gets the whole gradient.
  MaxPool: ((node, dy) => {
    const x = node.inputs[0]!;
    const windows = windowsOf(node);
    const { strides, pads } = windows;
    const padded = pad(x, [0, 0, pads[0], pads[1]], [0, 0, pads[2], pads[3]], LOWEST);
    let left = dy;
    const taps = tapsOf(windows);
    const parts = taps.map(([row, column], i) => {
      const seen = slice(padded, [
        { axis: 2, start: row, end: row + (dy.shape[2]! - 1) * strides[0] + 1, step: strides[0] },
        { axis: 3, start: column, end: column + (dy.shape[3]! - 1) * strides[1] + 1, step: strides[1] },
      ]);
      const part = masked(left, equal(seen, node.output));
      if (i < taps.length - 1) left = sub(left, part);
      return part;
    });
    return [sumOfWindows(parts, windows, x.shape)];
  }) satisfies OperatorRule,
  AveragePool: ((node, dy) => {
    const windows = windowsOf(node);
    const whole = node.attributes['count_include_pad'] === 1 || windows.pads.every((count) => count === 0);
    const share = mul(
      dy,
      whole ? 1 / (windows.kernel[0] * windows.kernel[1]) : reciprocalCounts(node, windows),
    );
    const parts = tapsOf(windows).map(() => share);
    return [sumOfWindows(parts, windows, node.inputs[0]!.shape)];
  }) satisfies OperatorRule,
  GlobalAveragePool: ((node, dy) => {
    const { shape } = node.inputs[0]!;
    return [expand(mul(dy, 1 / (shape[2]! * shape[3]!)), shape)];
  }) satisfies OperatorRule,
};
