import { SynestheteError } from '../../errors.ts';
import { Graph } from '../../graph/index.ts';
import { efficientNetLite } from '../../networks/index.ts';
import type { EfficientNetLite } from '../../networks/index.ts';
import { evaluationLayers } from '../../networks/training/index.ts';
import { readSafetensors } from '../../weights/index.ts';
import type { Tensor } from '../../weights/index.ts';

/**
 * The weights of EfficientNet-lite, but its classifier. Batch normalisations stay separate, so that the network can be
 * trained further.
 * @param from the state of the Python package's network as safetensors, for example by
 *   `safetensors.torch.save_file(torch.load('efficientnet_lite0.pth'), 'efficientnet-lite0.safetensors')`
 * @throws SynestheteError BAD_WEIGHTS when one is missing
 */
export async function efficientNetLiteWeights(
  from: string,
  variant: EfficientNetLite,
): Promise<Map<string, Tensor>> {
  const graph = new Graph();
  efficientNetLite(evaluationLayers(graph), graph.input('x', [1, 3, 64, 64]), variant);
  const names = [...graph.inputs.keys()].filter((name) => name !== 'x');
  const { tensors } = await readSafetensors(from, (name) => names.includes(name));
  const missing = names.find((name) => !tensors.has(name));
  if (missing !== undefined) {
    throw new SynestheteError(
      'BAD_WEIGHTS',
      `${from} lacks ${missing}: take the weights of EfficientNet-${variant}`,
    );
  }
  return new Map(tensors);
}
