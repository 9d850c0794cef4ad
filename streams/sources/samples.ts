/**
 * Larger magnitudes are no sound: 120 dB over full scale. Their squares would overflow float32 further on, and they come
 * from bytes that were read in the wrong format. (Float files scaled to ±32,768 are unusual, but sound.)
 */
const LARGEST_SAMPLE = 1e6;

/** What to do with numbers that are no samples: `reject` ends the source with an error, `silence` puts zeros there. */
export type BadSamples = 'reject' | 'silence';

/** Index of the first number that is no sample (NaN, infinite, beyond LARGEST_SAMPLE), or −1. */
export function firstBadSample(samples: Float32Array): number {
  for (let i = 0; i < samples.length; i++) if (!(Math.abs(samples[i]!) <= LARGEST_SAMPLE)) return i;
  return -1;
}

/** Puts zeros, in place, where there are no samples. @returns how many. */
export function silenceBadSamples(samples: Float32Array): number {
  let count = 0;
  for (let i = 0; i < samples.length; i++) {
    if (Math.abs(samples[i]!) <= LARGEST_SAMPLE) continue;
    samples[i] = 0;
    count++;
  }
  return count;
}

/** In words, for messages: NaN is "not a number". */
export function describeBadSample(value: number): string {
  if (Number.isNaN(value)) return 'not a number';
  return Number.isFinite(value) ? `${value.toExponential(1)}, far beyond full scale` : 'infinite';
}

/** Joins and cuts sound that arrives in pieces of any size into blocks of one size. */
export class Reblocker {
  readonly #block: Float32Array;
  #filled = 0;

  constructor(blockSamples: number) {
    this.#block = new Float32Array(blockSamples);
  }

  /** Yields every block that is full; each is the caller's own. */
  *push(samples: Float32Array): Generator<Float32Array, void, undefined> {
    let at = 0;
    while (at < samples.length) {
      const taken = Math.min(this.#block.length - this.#filled, samples.length - at);
      this.#block.set(samples.subarray(at, at + taken), this.#filled);
      this.#filled += taken;
      at += taken;
      if (this.#filled < this.#block.length) return;
      this.#filled = 0;
      yield this.#block.slice();
    }
  }

  /** The last, shorter block, or undefined. */
  flush(): Float32Array | undefined {
    if (this.#filled === 0) return undefined;
    const last = this.#block.slice(0, this.#filled);
    this.#filled = 0;
    return last;
  }
}
