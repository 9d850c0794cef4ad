/** Numbers that lengths, counts and places are set to. */
const EXTREMES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];

/** Random numbers that follow from a text alone: xorshift32, begun with its FNV-1a hash. */
export class Chance {
  #state = 0x811c9dc5;

  constructor(seed: string) {
    for (const character of seed) this.#state = Math.imul(this.#state ^ character.charCodeAt(0), 0x01000193);
    this.#state ||= 1;
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) % end;
  }

  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}

type Mutation = (bytes: Buffer, chance: Chance) => Buffer;

/** Most damage that matters is in headers: half of all places are in the first bytes. */
function placeIn(bytes: Buffer, chance: Chance): number {
  return chance.below(chance.below(2) === 0 ? Math.min(bytes.length, 256) : bytes.length);
}

const MUTATIONS: readonly Mutation[] = [
  function bitFlips(bytes, chance) {
    const changed = Buffer.from(bytes);
    for (let n = 1 + chance.below(12); n > 0; n--) {
      const at = placeIn(changed, chance);
      changed[at] = changed[at]! ^ (1 << chance.below(8));
    }
    return changed;
  },
  function truncated(bytes, chance) {
    return bytes.subarray(0, placeIn(bytes, chance));
  },
  function withoutBeginning(bytes, chance) {
    return bytes.subarray(placeIn(bytes, chance));
  },
  function spliced(bytes, chance) {
    const [from, to, length] = [placeIn(bytes, chance), placeIn(bytes, chance), chance.below(4096)];
    return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from, from + length), bytes.subarray(to)]);
  },
  function repeated(bytes, chance) {
    const from = placeIn(bytes, chance);
    const part = bytes.subarray(from, from + 1 + chance.below(512));
    return Buffer.concat([bytes.subarray(0, from), ...new Array<Buffer>(1 + chance.below(64)).fill(part)]);
  },
  function extremeNumbers(bytes, chance) {
    const changed = Buffer.from(bytes);
    for (let n = 1 + chance.below(3); n > 0 && changed.length >= 4; n--) {
      const at = Math.min(placeIn(changed, chance), changed.length - 4);
      const number = chance.of(EXTREMES);
      if (chance.below(2) === 0) changed.writeUInt32LE(number, at);
      else changed.writeUInt32BE(number, at);
    }
    return changed;
  },
  function overwritten(bytes, chance) {
    const changed = Buffer.from(bytes);
    const from = placeIn(changed, chance);
    changed.fill(chance.of([0, 0x20, 0xff]), from, Math.min(changed.length, from + 1 + chance.below(2048)));
    return changed;
  },
  function digits(bytes, chance) {
    // In text numbers stand as digits.
    const texts = ['-1', '1e999', '99999999999999999999', '0.5', 'null', '"x"', '[]', '{}'];
    return Buffer.from(
      bytes
        .toString('latin1')
        .replaceAll(/\d+/g, (number) => (chance.below(6) === 0 ? chance.of(texts) : number)),
      'latin1',
    );
  },
];

/** Damages bytes, once or several times; rarely nothing is left. */
export function mutated(bytes: Buffer, chance: Chance): Buffer {
  if (chance.below(50) === 0) return Buffer.alloc(0);
  let changed = bytes;
  for (let n = 1 + chance.below(3); n > 0 && changed.length > 0; n--) {
    changed = chance.of(MUTATIONS)(changed, chance);
  }
  return changed;
}
