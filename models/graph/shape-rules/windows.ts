import { describe } from '../tensor.ts';
import type { Tensor } from '../tensor.ts';
import { fail, listed, numbered } from './application.ts';
import type { Application, Inferred } from './application.ts';

function spatialLength(size: number, kernel: number, stride: number, pads: number, dilation: number): number {
  return Math.floor((size + pads - dilation * (kernel - 1) - 1) / stride) + 1;
}

export function convolution(application: Application): Inferred {
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

export function transposedConvolution(application: Application): Inferred {
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

export function pooling(application: Application): Inferred {
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
