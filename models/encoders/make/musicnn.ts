import { readFile } from 'node:fs/promises';
import { SynestheteError } from '../../errors.ts';
import { ONNX_MODEL } from '../../graph/index.ts';
import type { Tensor } from '../../weights/index.ts';

interface OnnxNode {
  readonly opType: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly { readonly name: string; readonly t?: OnnxTensor }[];
}

interface OnnxTensor {
  readonly dims: readonly (number | { toNumber(): number })[];
  readonly dataType: number;
  readonly rawData: Uint8Array;
}

const FLOAT32 = 1;

/** The layers in the order of their products in the file. Layers with a scale are rectified and then scaled. */
const LAYERS = [
  'timbral.0',
  'timbral.1',
  'temporal.0',
  'temporal.1',
  'temporal.2',
  'mid.0',
  'mid.1',
  'mid.2',
  'dense',
  'tags',
];

/** Maxima and means over time of the 753 channels come in turns in the file; here all maxima come first. */
const POOLED = 2 * 753;

/**
 * The weights of musicnn (Pons and Serra 2019, ISC; its checkpoint MSD_musicnn) by the names that
 * `musicnnFeatures` takes: kernels and matrices in half precision, vectors in float32. Tags are left out.
 *
 * @param from musicnn-msd.onnx, whose weights are constants between the nodes; see models/pretrained/README.md.
 * @throws SynestheteError BAD_WEIGHTS when the file is of another form.
 */
export async function musicnnWeights(from: string): Promise<Map<string, Tensor>> {
  const file = ONNX_MODEL.decode(await readFile(from)) as unknown as {
    readonly graph: { readonly node: readonly OnnxNode[] };
  };
  const nodes = file.graph.node;
  const fail = (problem: string): never => {
    throw new SynestheteError(
      'BAD_WEIGHTS',
      `${from} is not the musicnn that this program knows: ${problem}`,
    );
  };
  const constants = new Map<string, Tensor>();
  for (const { opType, output, attribute } of nodes) {
    const tensor = attribute.find(({ name }) => name === 'value')?.t;
    if (opType === 'Constant' && tensor?.dataType === FLOAT32) constants.set(output[0]!, valuesOf(tensor));
  }
  const constantOf = (name: string): Tensor => constants.get(name) ?? fail(`${name} is no constant`);
  const userOf = (name: string, opType: string): OnnxNode =>
    nodes.find((node) => node.opType === opType && node.input.includes(name)) ??
    fail(`no ${opType} follows ${name}`);
  /** The factor of a value, and the term added after it. */
  const affineOf = (value: string): readonly [Tensor, Tensor] => {
    const product = userOf(value, 'Mul');
    const sum = userOf(product.output[0]!, 'Add');
    return [constantOf(product.input[1]!), constantOf(sum.input[1]!)];
  };

  const tensors = new Map<string, Tensor>();
  const put = (name: string, { data }: Tensor, shape: readonly number[]): void => {
    tensors.set(name, { shape, data });
  };
  const putAffine = (name: string, value: string, arranged = (tensor: Tensor): Tensor => tensor): void => {
    affineOf(value).forEach((tensor, i) => {
      put(`${name}.${i === 0 ? 'scale' : 'shift'}`, arranged(tensor), [tensor.data.length]);
    });
  };
  const input = nodes.find(({ opType }) => opType === 'Unsqueeze') ?? fail('it has no input');
  putAffine('input', input.output[0]!);

  const products = nodes.filter(({ opType }) => opType === 'Conv' || opType === 'Gemm');
  if (products.length !== LAYERS.length) fail(`it has ${products.length} layers`);
  products.forEach((product, i) => {
    const name = LAYERS[i]!;
    if (name === 'tags') return;
    const weight = constantOf(product.input[1]!);
    const bias = constantOf(product.input[2]!);
    const [outputs, ...rest] = weight.shape as [number, ...number[]];
    if (name === 'dense') {
      const pooled = nodes.find(({ opType }) => opType === 'Flatten') ?? fail('it does not pool');
      putAffine('pooled', pooled.output[0]!, inBlocks);
      put('dense.weight', inBlocks(weight), weight.shape);
    } else if (name.startsWith('mid')) {
      const [, time, channels] = rest as [number, number, number];
      put(`${name}.weight`, channelsFirst(weight, outputs, time, channels), [outputs, channels, 1, time]);
    } else put(`${name}.weight`, weight, weight.shape);
    put(`${name}.bias`, bias, [outputs]);
    putAffine(name, userOf(product.output[0]!, 'Relu').output[0]!);
    if (!name.startsWith('mid') && name !== 'dense') signed(name, tensors);
  });
  return tensors;
}

/** Negates the filters whose scale is negative, and notes it as `name.sign`: see `loudest` in musicnn-network.ts. */
function signed(name: string, tensors: Map<string, Tensor>): void {
  const sign = tensors.get(`${name}.scale`)!.data.map((scale) => (scale < 0 ? -1 : 1));
  for (const part of ['weight', 'bias']) {
    const { shape, data } = tensors.get(`${name}.${part}`)!;
    const each = data.length / sign.length;
    tensors.set(`${name}.${part}`, {
      shape,
      data: data.map((value, i) => value * sign[Math.floor(i / each)]!),
    });
  }
  tensors.set(`${name}.sign`, { shape: [sign.length], data: sign });
}

function valuesOf({ dims, rawData }: OnnxTensor): Tensor {
  return {
    shape: dims.map((length) => (typeof length === 'number' ? length : length.toNumber())),
    data: new Float32Array(Uint8Array.from(rawData).buffer),
  };
}

/** Kernels [outputs, 1, time, channels] as those of a convolution over time alone, [outputs, channels, 1, time]. */
function channelsFirst({ data }: Tensor, outputs: number, time: number, channels: number): Tensor {
  const moved = data.map((_, i) => {
    const [out, rest] = [Math.floor(i / (channels * time)), i % (channels * time)];
    const [channel, step] = [Math.floor(rest / time), rest % time];
    return data[(out * time + step) * channels + channel]!;
  });
  return { shape: [outputs, channels, 1, time], data: moved };
}

/** Columns max₀, mean₀, max₁, mean₁, … as max₀, max₁, …, mean₀, mean₁, …. */
function inBlocks({ shape, data }: Tensor): Tensor {
  const moved = data.map((_, i) => {
    const [row, column] = [Math.floor(i / POOLED), i % POOLED];
    const from = column < POOLED / 2 ? 2 * column : 2 * (column - POOLED / 2) + 1;
    return data[row * POOLED + from]!;
  });
  return { shape, data: moved };
}
