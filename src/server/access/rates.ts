/** Lets `burst` through at once and `perSecond` on average. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #level: number;
  #atMs: number;

  constructor(perSecond: number, burst: number, nowMs = performance.now()) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#level = burst;
    this.#atMs = nowMs;
  }

  /** @returns false when it is too much. */
  take(amount = 1, nowMs = performance.now()): boolean {
    const gained = ((nowMs - this.#atMs) / 1000) * this.#perSecond;
    this.#level = Math.min(this.#burst, this.#level + gained);
    this.#atMs = nowMs;
    if (this.#level < amount) return false;
    this.#level -= amount;
    return true;
  }
}

/** Addresses that are remembered at a time: an attacker with many must not fill the memory. */
const MOST_ADDRESSES = 10_000;

/** A bucket for each network address. */
export class AddressBuckets {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
  }

  take(address: string, amount = 1): boolean {
    const bucket = this.#buckets.get(address) ?? new TokenBucket(this.#perSecond, this.#burst);
    // Those that were asked for last stay last, so that the first is the one to forget.
    this.#buckets.delete(address);
    this.#buckets.set(address, bucket);
    if (this.#buckets.size > MOST_ADDRESSES) {
      const [oldest] = this.#buckets.keys();
      if (oldest !== undefined) this.#buckets.delete(oldest);
    }
    return bucket.take(amount);
  }
}
