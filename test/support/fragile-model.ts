import { existsSync } from 'node:fs';
import { SynestheteError } from '../../models/errors.ts';
import { CLIP_SAMPLES } from '../../models/features/index.ts';
import type { Model } from '../../models/model/index.ts';
import { formulaModel, formulaReading } from './formula-model.ts';

export interface FragileSettings {
  /** What happens at the reading after so many in one process (five of them are its rehearsal). */
  readonly ends?: { readonly how: 'crash' | 'hang'; readonly afterReadings: number };
  /** Can't be opened. */
  readonly refuses?: true;
  /** Opening it never ends while there is a file of this name. */
  readonly hangsWhile?: string;
  readonly fingerprint?: string;
  /** It hears samples, and reads the first of them as the valence, the first before them as the arousal. */
  readonly hearsSamples?: true;
  /** Told of engines that were tried in vain. */
  readonly fallbacks?: readonly string[];
}

/** The formula model as processes open it; it can be asked to break. */
export function open(
  { ends, refuses, hangsWhile, fingerprint, hearsSamples, fallbacks = [] }: FragileSettings = {},
  onFallback: (line: string) => void = () => undefined,
): Promise<Model> {
  if (refuses) return Promise.reject(new SynestheteError('BAD_MODEL', 'a model that refuses'));
  if (hangsWhile !== undefined && existsSync(hangsWhile)) hang();
  for (const line of fallbacks) onFallback(line);
  const model = formulaModel();
  if (hearsSamples) {
    return Promise.resolve({
      ...model,
      featureRows: 'none',
      embedClips: (clips) =>
        Promise.resolve(
          clips.map(({ samples, before, features }) => {
            if (samples.length !== CLIP_SAMPLES)
              throw new RangeError(`${samples.length} are no samples of a clip`);
            if (features.length > 0) throw new RangeError('features were computed for nobody');
            const [arousal = 0] = before;
            return formulaReading(samples[0]!, arousal);
          }),
        ),
    });
  }
  let predictions = 0;
  return Promise.resolve({
    ...model,
    fingerprint: fingerprint ?? model.fingerprint,
    embedClips(clips) {
      predictions += 1;
      if (ends !== undefined && predictions > ends.afterReadings) {
        if (ends.how === 'crash') throw crash();
        hang();
      }
      return model.embedClips(clips);
    },
  });
}

/** Ends the process as a fault in native code would. */
function crash(): Error {
  process.kill(process.pid, 'SIGSEGV');
  return new Error('it goes on after a fault');
}

/** Answers nothing any more, as a loop without an end wouldn't, and leaves the processor to others. */
function hang(): never {
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
