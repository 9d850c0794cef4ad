import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';

/** So long nothing but one value, zero or another, is worth a word: a microphone always has some noise. */
const SILENT_AFTER_SAMPLES = 5 * SAMPLE_RATE_HZ;

/** Rounding of the resampler, 30 dB below the least step of 16 bits. */
const SAME_WITHIN = 1e-6;

/** Tells when sound turns to digital silence, and when it is back. */
export class SilenceWatch {
  #same = 0;
  #value = 0;

  /** @returns what has just changed, or undefined. */
  push(samples: Float32Array): 'silent' | 'sound' | undefined {
    const wasSilent = this.#same >= SILENT_AFTER_SAMPLES;
    const last = samples.at(-1) ?? this.#value;
    if (samples.some((sample) => Math.abs(sample - this.#value) > SAME_WITHIN)) {
      // The value may be another from here on, as where an input with DC is muted.
      this.#value = last;
      this.#same = 0;
      return wasSilent ? 'sound' : undefined;
    }
    this.#same += samples.length;
    return !wasSilent && this.#same >= SILENT_AFTER_SAMPLES ? 'silent' : undefined;
  }
}
