import { SynestheteError } from '../errors.ts';
import type { Weights } from './safetensors.ts';

/**
 * @param path for the message
 * @throws SynestheteError BAD_WEIGHTS naming the first tensor that holds a number that is not finite
 */
export function assertFiniteTensors(path: string, { tensors }: Weights): void {
  for (const [name, { data }] of tensors) {
    const found = data.find((value) => !Number.isFinite(value));
    if (found === undefined) continue;
    throw new SynestheteError(
      'BAD_WEIGHTS',
      `${path}: tensor ${name} holds ${found}, which no network can compute with; train the model again, or name another`,
    );
  }
}
