import { fileURLToPath } from 'node:url';
import type { Weights } from '../networks/index.ts';
import { readSafetensors } from '../weights/index.ts';

/**
 * The weights of a frozen encoder that comes with the package, `models/pretrained/encoders/NAME.safetensors`.
 * @throws SynestheteError FILE_NOT_FOUND, BAD_WEIGHTS
 */
export async function readEncoderWeights(name: string): Promise<Weights> {
  const file = new URL(`encoders/${name}.safetensors`, import.meta.resolve('#pretrained'));
  return Object.fromEntries((await readSafetensors(fileURLToPath(file))).tensors);
}
