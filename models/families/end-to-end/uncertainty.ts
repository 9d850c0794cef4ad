import { join } from 'node:path';
import { SynestheteError } from '../../errors.ts';
import type { ModelDescription } from '../../weights/index.ts';

/**
 * The standard deviations of a model's errors, as its model.json has them.
 *
 * @param folder of its model.json
 * @throws SynestheteError BAD_MODEL for a model of the time before they were written
 */
export function uncertaintyOf(
  folder: string,
  { uncertainty }: ModelDescription,
): NonNullable<ModelDescription['uncertainty']> {
  if (uncertainty !== undefined) return uncertainty;
  throw new SynestheteError(
    'BAD_MODEL',
    `${join(folder, 'model.json')} does not say how uncertain its readings are, so an older version of synesthete wrote it; train again, or use the version that wrote it`,
  );
}
