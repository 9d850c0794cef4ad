/** The server may have begun to render before the player came: so much of the beginning it may leave out. */
const LATEST_BEGIN = 22050;
const FINGERPRINT = 64;

/**
 * Compares what is heard with noise that is played, sample for sample, as it arrives. Silence before it is skipped; the first
 * samples that are heard tell where in the noise they belong, and from there on every one must be right.
 */
export class Comparison {
  readonly #played: Float32Array;
  readonly #first: number[] = [];
  #at: number | undefined;
  wrong = 0;

  constructor(played: Float32Array) {
    this.#played = played;
  }

  /** Samples of the noise that were never heard, at its beginning. */
  skipped = 0;

  /** Everything that was played has been heard, or should have been. */
  get complete(): boolean {
    return this.#at !== undefined && this.#at >= this.#played.length;
  }

  push(samples: Float32Array): void {
    for (const sample of samples) {
      if (this.#at !== undefined) this.#compare(sample);
      else if (this.#first.length > 0 || sample !== 0) this.#begin(sample);
    }
  }

  #begin(sample: number): void {
    this.#first.push(sample);
    if (this.#first.length < FINGERPRINT) return;
    for (let from = 0; from <= LATEST_BEGIN; from++) {
      if (!this.#first.every((value, i) => value === this.#played[from + i])) continue;
      this.skipped = from;
      this.#at = from + FINGERPRINT;
      return;
    }
    throw new Error('what is heard is not what is played');
  }

  #compare(sample: number): void {
    if (this.complete) return;
    if (sample !== this.#played[this.#at!]) this.wrong++;
    this.#at!++;
  }
}
