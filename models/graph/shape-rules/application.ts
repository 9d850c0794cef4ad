import { GraphError, describe } from '../tensor.ts';
import type { Attributes, DType, Shape, Tensor } from '../tensor.ts';

/** An operator put on tensors, before its output is known. */
export interface Application {
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
}

export interface Inferred {
  readonly dtype: DType;
  readonly shape: Shape;
}

export function fail(application: Application, problem: string): never {
  throw new GraphError(`${application.name}: ${problem}`);
}

export function listed(
  application: Application,
  key: string,
  fallback?: readonly number[],
): readonly number[] {
  const value = application.attributes[key] ?? fallback;
  if (!Array.isArray(value)) return fail(application, `attribute ${key} is missing`);
  return value as readonly number[];
}

export function numbered(application: Application, key: string, fallback: number): number {
  const value = application.attributes[key] ?? fallback;
  return typeof value === 'number' ? value : fail(application, `attribute ${key} is not a number`);
}

/**
 * NumPy's broadcasting of two shapes: aligned at the end, a 1 stretches.
 * @returns null when they do not fit
 */
export function broadcastShapes(a: Shape, b: Shape): Shape | null {
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

export function broadcast(application: Application, tensors: readonly Tensor[]): Shape {
  return tensors.reduce<Shape>(
    (shape, tensor) =>
      broadcastShapes(shape, tensor.shape) ??
      fail(application, `shapes do not broadcast: ${tensors.map(describe).join(' and ')}`),
    [],
  );
}

export function sameType(application: Application, a: Tensor, b: Tensor): DType {
  if (a.dtype !== b.dtype) return fail(application, `types differ: ${describe(a)} and ${describe(b)}`);
  return a.dtype;
}
