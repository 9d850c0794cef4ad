import { describe } from '../tensor.ts';
import type { Tensor } from '../tensor.ts';
import { broadcastShapes, fail, numbered, sameType } from './application.ts';
import type { Application, Inferred } from './application.ts';

export function product(application: Application): Inferred {
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

export function generalProduct(application: Application): Inferred {
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
