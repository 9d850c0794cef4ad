import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { sha256 } from './checksum.ts';

/**
 * Random numbers that depend on a seed alone: xoroshiro128+ (Blackman and Vigna 2018), the same on every machine. Its
 * state can be stored and restored, so that resumed work continues with the same numbers.
 */
export class Random {
  readonly #generator: RandomGenerator;

  private constructor(generator: RandomGenerator) {
    this.#generator = generator;
  }

  /**
   * @param seed any integer.
   * @param purpose names the use ("split", "dropout", …): each use has its own sequence, so that drawing more for one
   *   changes nothing for another. The first 32 bits of SHA-256 of `seed/purpose` seed the generator.
   */
  static seeded(seed: number, purpose: string): Random {
    return new Random(xoroshiro128plus(Number.parseInt(sha256(`${seed}/${purpose}`).slice(0, 8), 16) | 0));
  }

  /** Continues from a saved `state`. */
  static fromState(state: readonly number[]): Random {
    return new Random(xoroshiro128plusFromState(state));
  }

  get state(): readonly number[] {
    return this.#generator.getState();
  }

  /** A real number on [0, 1), a multiple of 2⁻⁵³. */
  real(): number {
    return uniformFloat64(this.#generator);
  }

  /** A whole number on [0, count), each with the same probability; `count` is at least 1. */
  below(count: number): number {
    return uniformInt(this.#generator, 0, count - 1);
  }

  /** Puts the items in random order, in place (Fisher and Yates). */
  shuffle<T>(items: T[]): T[] {
    for (let last = items.length - 1; last > 0; last--) {
      const other = this.below(last + 1);
      [items[last], items[other]] = [items[other]!, items[last]!];
    }
    return items;
  }
}
