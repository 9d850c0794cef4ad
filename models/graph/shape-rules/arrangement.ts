import { describe } from '../tensor.ts';
import { fail, listed, numbered, sameType } from './application.ts';
import type { Application, Inferred } from './application.ts';

export function concatenation(application: Application): Inferred {
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

export function slice(application: Application): Inferred {
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
