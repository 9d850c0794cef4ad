import { add, concat, equal, expand, mul, pad, reshape, slice, transpose, where } from '../operators.ts';
import type { Node, Shape, Tensor } from '../tensor.ts';
import { numbers } from './rule.ts';
import type { OperatorRule } from './rule.ts';

/** Below every finite float, as the padding of a maximum. */
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
 * Adds up, at every position of a plane of `shape` [batch, channels, height, width], what the windows over it send
 * there: `parts[t]` holds, for each window, what goes to its t-th position. Positions that lie the same way between
 * two strides make one smaller plane (a phase); the phases are summed apart and then interleaved.
 */
function sumOfWindows(parts: readonly Tensor[], windows: Windows, shape: Shape): Tensor {
  const [strideRows, strideColumns] = windows.strides;
  const [top, left, bottom, right] = windows.pads;
  const [batch, channels, height, width] = shape as [number, number, number, number];
  const rows = Math.ceil((height + top + bottom) / strideRows);
  const columns = Math.ceil((width + left + right) / strideColumns);
  const phases: (Tensor | undefined)[] = Array.from({ length: strideRows * strideColumns }, () => undefined);
  tapsOf(windows).forEach(([row, column], i) => {
    const part = parts[i]!;
    const before = [Math.floor(row / strideRows), Math.floor(column / strideColumns)] as const;
    const placed = pad(
      part,
      [0, 0, ...before],
      [0, 0, rows - before[0] - part.shape[2]!, columns - before[1] - part.shape[3]!],
    );
    const phase = (row % strideRows) * strideColumns + (column % strideColumns);
    const known = phases[phase];
    phases[phase] = known ? add(known, placed) : placed;
  });
  const graph = parts[0]!.graph;
  const layers = phases.map((phase) =>
    reshape(phase ?? expand(graph.scalar(0), [batch, channels, rows, columns]), [
      batch,
      channels,
      1,
      rows,
      columns,
    ]),
  );
  const stacked = reshape(concat(layers, 2), [batch, channels, strideRows, strideColumns, rows, columns]);
  const interleaved = layers.length === 1 ? stacked : transpose(stacked, [0, 1, 4, 2, 5, 3]);
  return slice(reshape(interleaved, [batch, channels, rows * strideRows, columns * strideColumns]), [
    { axis: 2, start: top, end: top + height },
    { axis: 3, start: left, end: left + width },
  ]);
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
  // The first element of a window that equals the maximum takes what comes back, and leaves nothing to the others.
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
      const largest = equal(seen, node.output);
      const part = where(largest, left, 0);
      if (i < taps.length - 1) left = where(largest, 0, left);
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
