/** What one channel of the sound holds. */
export interface ChannelLevel {
  /** Root mean square of about the last 0.3 s, without DC; a full-scale sine has 0.707. */
  readonly rms: number;
  /** Largest magnitude, with DC; it falls by 20 dB a second. 1 and above is clipping. */
  readonly peak: number;
  /** Whether the channel is in what is heard. */
  readonly heard: boolean;
}

/** Two channels, by their place from 0 on. */
export interface ChannelPair {
  readonly first: number;
  readonly second: number;
}

/** How far back the levels and correlations look, in seconds: a time constant. */
const MEMORY_SECONDS = 0.3;
const PEAK_FALL_DB_PER_SECOND = 20;
/** So many pairs are followed at every frame; of more, the moments are taken at every second frame, every third, … */
const PAIRS_AT_EVERY_FRAME = 32;

/**
 * Levels of channels, and how alike pairs of them are. Means, squares and products are sums whose past fades. Fed with
 * windows of equal length, so that the figures don't depend on how the sound arrives.
 */
export class ChannelMeter {
  /** The first channel of each pair, and the second. */
  readonly #first: Uint16Array;
  readonly #second: Uint16Array;
  readonly #products: Float64Array;
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;
  readonly #peaks: Float64Array;
  readonly #every: number;
  readonly #kept: number;
  readonly #peakFall: number;
  /** Frames in the sums, faded as they are. */
  #weight = 0;
  /** Frames until the next one whose products are taken. */
  #toSkip = 0;

  /** @param windowFrames between two calls of `fade` */
  constructor(channels: number, pairs: readonly ChannelPair[], windowFrames: number, rateHz: number) {
    this.#first = Uint16Array.from(pairs, ({ first }) => first);
    this.#second = Uint16Array.from(pairs, ({ second }) => second);
    this.#products = new Float64Array(pairs.length);
    this.#sums = new Float64Array(channels);
    this.#squares = new Float64Array(channels);
    this.#peaks = new Float64Array(channels);
    this.#every = Math.ceil(Math.max(1, pairs.length) / PAIRS_AT_EVERY_FRAME);
    this.#kept = Math.exp(-windowFrames / (rateHz * MEMORY_SECONDS));
    this.#peakFall = 10 ** ((-PEAK_FALL_DB_PER_SECOND * windowFrames) / (rateHz * 20));
  }

  /** Takes interleaved frames: samples of all channels, full scale ±1. */
  push(samples: Float64Array, count: number): void {
    const [peaks, sums, squares, products] = [this.#peaks, this.#sums, this.#squares, this.#products];
    const [first, second] = [this.#first, this.#second];
    const [channels, every] = [peaks.length, this.#every];
    let weight = this.#weight;
    let toSkip = this.#toSkip;
    for (let frame = 0, at = 0; frame < count; frame++, at += channels) {
      for (let channel = 0; channel < channels; channel++) {
        const magnitude = Math.abs(samples[at + channel]!);
        if (magnitude > peaks[channel]!) peaks[channel] = magnitude;
      }
      if (toSkip > 0) {
        toSkip -= 1;
        continue;
      }
      toSkip = every - 1;
      weight += 1;
      for (let channel = 0; channel < channels; channel++) {
        const value = samples[at + channel]!;
        sums[channel]! += value;
        squares[channel]! += value * value;
      }
      for (let pair = 0; pair < products.length; pair++) {
        products[pair]! += samples[at + first[pair]!]! * samples[at + second[pair]!]!;
      }
    }
    this.#weight = weight;
    this.#toSkip = toSkip;
  }

  /** A window is complete: what came before counts less. */
  fade(): void {
    // Numbers that are no samples, such as NaN, would stay in the sums for ever.
    if (![...this.#squares, ...this.#products].every(Number.isFinite)) this.#clear();
    this.#weight *= this.#kept;
    for (const sums of [this.#sums, this.#squares, this.#products]) {
      for (let i = 0; i < sums.length; i++) sums[i]! *= this.#kept;
    }
    for (let channel = 0; channel < this.#peaks.length; channel++) this.#peaks[channel]! *= this.#peakFall;
  }

  rms(channel: number): number {
    return Math.sqrt(this.#variance(channel));
  }

  peak(channel: number): number {
    return this.#peaks[channel]!;
  }

  /** Pearson's, −1 to 1, of a pair by its place in the list that was given; 0 where a channel holds nothing. */
  correlation(pair: number): number {
    const [first, second] = [this.#first[pair]!, this.#second[pair]!];
    const spread = Math.sqrt(this.#variance(first) * this.#variance(second));
    if (!(spread > 0)) return 0;
    const covariance =
      this.#products[pair]! / this.#weight -
      (this.#sums[first]! * this.#sums[second]!) / (this.#weight * this.#weight);
    return Math.max(-1, Math.min(1, covariance / spread));
  }

  #variance(channel: number): number {
    if (this.#weight === 0) return 0;
    const mean = this.#sums[channel]! / this.#weight;
    const variance = this.#squares[channel]! / this.#weight - mean * mean;
    return Number.isFinite(variance) ? Math.max(0, variance) : 0;
  }

  #clear(): void {
    for (const values of [this.#sums, this.#squares, this.#products, this.#peaks]) values.fill(0);
    this.#weight = 0;
  }
}
