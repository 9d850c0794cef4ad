import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { SynestheteError } from '../errors.ts';
import { readModelDescription } from '../weights/index.ts';
import { fingerprintOf } from './fingerprint.ts';

/**
 * Whether a folder still holds the model with this fingerprint, by its model.json.
 * @returns undefined when unknown: model.json is unreadable, or the parent folder is missing, as on an unmounted disk
 */
export async function isModelIn(folder: string, fingerprint: string): Promise<boolean | undefined> {
  try {
    return fingerprintOf(await readModelDescription(join(folder, 'model.json'))) === fingerprint;
  } catch (error) {
    if (!(error instanceof SynestheteError)) throw error;
    if (error.code !== 'FILE_NOT_FOUND' || (await isThere(join(folder, 'model.json')))) return undefined;
    return (await isThere(dirname(folder))) ? false : undefined;
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
