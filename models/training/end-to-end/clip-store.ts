import type { ManifestLine } from '../manifest.ts';
import type { StretchInputs } from './media.ts';

/** Clips of one split. It reads features on demand and caches them within its budget. */
export class ClipStore {
  readonly #entries: readonly ManifestLine[];
  readonly #read: (entry: ManifestLine) => Promise<StretchInputs>;
  readonly #kept = new Map<number, StretchInputs>();
  readonly #budgetBytes: number;
  #bytes = 0;

  constructor(
    entries: readonly ManifestLine[],
    read: (entry: ManifestLine) => Promise<StretchInputs>,
    budgetBytes: number,
  ) {
    this.#entries = entries;
    this.#read = read;
    this.#budgetBytes = budgetBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async stretch(index: number): Promise<StretchInputs> {
    const kept = this.#kept.get(index);
    if (kept) {
      // Evicts the least recently used first.
      this.#kept.delete(index);
      this.#kept.set(index, kept);
      return kept;
    }
    const stretch = await this.#read(this.#entries[index]!);
    if (!this.#kept.has(index)) {
      this.#kept.set(index, stretch);
      this.#bytes += stretch.values.byteLength;
    }
    for (const [oldest, { values }] of this.#kept) {
      if (this.#bytes <= this.#budgetBytes || this.#kept.size === 1) break;
      this.#kept.delete(oldest);
      this.#bytes -= values.byteLength;
    }
    return stretch;
  }
}
