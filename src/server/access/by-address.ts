/** How many addresses are remembered: an attacker with many must not fill the memory. */
const MOST_ADDRESSES = 10_000;

/** Something for each network address. */
export class ByAddress<T> {
  readonly #create: () => T;
  readonly #of = new Map<string, T>();

  constructor(create: () => T) {
    this.#create = create;
  }

  of(address: string): T {
    const found = this.#of.get(address) ?? this.#create();
    // The last ones used stay last, so that the first is the one to forget.
    this.#of.delete(address);
    this.#of.set(address, found);
    if (this.#of.size > MOST_ADDRESSES) {
      const [oldest] = this.#of.keys();
      if (oldest !== undefined) this.#of.delete(oldest);
    }
    return found;
  }
}
