import { fileURLToPath } from 'node:url';
import type { Weights } from '../networks/index.ts';
import { readSafetensors } from '../weights/index.ts';

/** Where the weights of a frozen encoder lie that comes with the package. */
export function encoderFile(name: string): string {
  return fileURLToPath(new URL(`encoders/${name}.safetensors`, import.meta.resolve('#pretrained')));
}

/**
 * The weights of a frozen encoder that comes with the package.
 * @throws SynestheteError FILE_NOT_FOUND, BAD_WEIGHTS
 */
export async function readEncoderWeights(name: string): Promise<Weights> {
  return Object.fromEntries((await readSafetensors(encoderFile(name))).tensors);
}
