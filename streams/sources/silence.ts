import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';

/** So long nothing but zeros is worth a word: a microphone always has some noise. */
const SILENT_AFTER_SAMPLES = 5 * SAMPLE_RATE_HZ;

/** Tells when sound turns to digital silence, and when it is back. */
export class SilenceWatch {
  #zeros = 0;

  /** @returns what has just changed, or undefined. */
  push(samples: Float32Array): 'silent' | 'sound' | undefined {
    const wasSilent = this.#zeros >= SILENT_AFTER_SAMPLES;
    if (samples.some((sample) => sample !== 0)) {
      this.#zeros = 0;
      return wasSilent ? 'sound' : undefined;
    }
    this.#zeros += samples.length;
    return !wasSilent && this.#zeros >= SILENT_AFTER_SAMPLES ? 'silent' : undefined;
  }
}
