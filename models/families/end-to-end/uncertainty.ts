import { join } from 'node:path';
import { SynestheteError } from '../../errors.ts';
import type { ModelDescription } from '../../weights/index.ts';

/**
 * The standard deviations of a model's errors, from its model.json.
 *
 * @param folder of its model.json
 * @throws SynestheteError BAD_MODEL for an older model without them
 */
export function uncertaintyOf(
  folder: string,
  { uncertainty }: ModelDescription,
): NonNullable<ModelDescription['uncertainty']> {
  if (uncertainty !== undefined) return uncertainty;
  throw new SynestheteError(
    'BAD_MODEL',
    `${join(folder, 'model.json')} does not say how uncertain its predictions are, because an older version of synesthete wrote it; train again, or use the version that wrote it`,
  );
}
