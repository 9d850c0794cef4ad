import { ByAddress } from './by-address.ts';

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
    if (!this.has(amount, nowMs)) return false;
    this.#level -= amount;
    return true;
  }

  /** Whether `take` would let it through. */
  has(amount = 1, nowMs = performance.now()): boolean {
    const gained = ((nowMs - this.#atMs) / 1000) * this.#perSecond;
    this.#level = Math.min(this.#burst, this.#level + gained);
    this.#atMs = nowMs;
    return this.#level >= amount;
  }
}

/** A bucket for each network address. */
export class AddressBuckets {
  readonly #buckets: ByAddress<TokenBucket>;

  constructor(perSecond: number, burst: number) {
    this.#buckets = new ByAddress(() => new TokenBucket(perSecond, burst));
  }

  /** @returns false when it is too much. */
  take(address: string): boolean {
    return this.#buckets.of(address).take();
  }
}
