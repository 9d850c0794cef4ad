import type { Model } from '../../models/serving/index.ts';
import { SynestheteError } from '../../models/errors.ts';
import { formulaModel } from './formula-model.ts';

export interface FragileSettings {
  /** What happens at the reading after so many in one thread (five of them are its rehearsal). */
  readonly ends?: { readonly how: 'crash' | 'hang'; readonly afterReadings: number };
  /** Can't be opened. */
  readonly refuses?: true;
  readonly fingerprint?: string;
}

/** The formula model as threads open it; it can be asked to break. */
export function open({ ends, refuses, fingerprint }: FragileSettings = {}): Promise<Model> {
  if (refuses) return Promise.reject(new SynestheteError('BAD_MODEL', 'a model that refuses'));
  const model = formulaModel();
  let readings = 0;
  return Promise.resolve({
    ...model,
    fingerprint: fingerprint ?? model.fingerprint,
    readClips(features) {
      readings += 1;
      if (ends !== undefined && readings > ends.afterReadings) {
        if (ends.how === 'crash') throw crash();
        for (;;);
      }
      return model.readClips(features);
    },
  });
}

/** Ends the thread as a fault in native code would. */
function crash(): Error {
  return process.exit(1);
}
