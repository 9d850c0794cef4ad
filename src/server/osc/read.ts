import type { OscMessage } from './controls.ts';

/** Limits against malicious packets: the depth of bundles, the messages of a packet, and the parts of a message. */
const MOST_DEPTH = 4;
const MOST_MESSAGES = 64;
const MOST_ARGUMENTS = 64;
const LONGEST_ADDRESS = 256;

/** What a packet holds. */
export interface OscPacket {
  readonly messages: readonly OscMessage[];
  /** What can't be used, each by itself; without an address where even that can't be read. */
  readonly skipped: readonly { readonly address?: string; readonly reason: string }[];
}

/**
 * Reads an OSC packet: the types of OSC 1.0, required and optional, and of 1.1, with arrays; messages of old senders without type tags;
 * bundles, without regard to their time tags. A fault costs the message that has it, and no other: in a bundle each element has its size.
 *
 * Never throws. opensoundcontrol.stanford.edu/spec-1_0.html
 */
export function readPacket(packet: Uint8Array): OscPacket {
  const messages: OscMessage[] = [];
  const skipped: { address?: string; reason: string }[] = [];
  readElement(new Uint8Array(packet.buffer, packet.byteOffset, packet.length), 0);
  return { messages, skipped };

  function readElement(bytes: Uint8Array, depth: number): void {
    if (messages.length + skipped.length === MOST_MESSAGES) return;
    let address: string | undefined;
    try {
      const reader = new Reader(bytes);
      const first = reader.text();
      if (first === '#bundle') readBundle(reader, depth);
      else if (!first.startsWith('/')) throw new Unusable('it is malformed');
      else {
        address = first;
        if (address.length > LONGEST_ADDRESS) throw new Unusable('its address is too long');
        messages.push({ address, args: reader.args() });
      }
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      skipped.push({ ...(address !== undefined && { address }), reason: error.message });
    }
  }

  function readBundle(reader: Reader, depth: number): void {
    if (depth === MOST_DEPTH) throw new Unusable(`bundles lie in each other more than ${MOST_DEPTH} deep`);
    reader.bytes(8); // the time tag
    while (!reader.atEnd) {
      if (messages.length + skipped.length >= MOST_MESSAGES - 1) {
        throw new Unusable(`a packet may have ${MOST_MESSAGES} messages`);
      }
      readElement(reader.element(), depth + 1);
    }
  }
}

/** Why a message is skipped. */
class Unusable extends Error {}

const UTF8 = new TextDecoder();

/** Reads the big-endian parts of a message, each of which is filled up to 4 bytes. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  bytes(count: number): Uint8Array {
    const end = this.#at + count;
    if (end > this.#bytes.length) throw new Unusable('it is cut off');
    const bytes = this.#bytes.subarray(this.#at, end);
    // Some senders leave out what fills up the last part.
    this.#at = Math.min(this.#bytes.length, Math.ceil(end / 4) * 4);
    return bytes;
  }

  /**
   * An element of a bundle, which has the size that it says, though it be no multiple of 4; of one that is cut off what there is, so that
   * at least its address can be read.
   */
  element(): Uint8Array {
    const at = this.#at;
    const size = this.word().getInt32(0);
    if (size <= 0) throw new Unusable('an element of a bundle has no size');
    this.#at = at + 4 + size;
    return this.#bytes.subarray(at + 4, at + 4 + size);
  }

  word(count = 4): DataView {
    const { buffer, byteOffset, byteLength } = this.bytes(count);
    return new DataView(buffer, byteOffset, byteLength);
  }

  /** A string that ends with a zero. */
  text(): string {
    const end = this.#bytes.indexOf(0, this.#at);
    if (end < 0) throw new Unusable(this.#at === 0 ? 'it is malformed' : 'it is cut off');
    return UTF8.decode(this.bytes(end + 1 - this.#at).subarray(0, -1));
  }

  args(): unknown[] {
    if (this.atEnd) return [];
    if (this.#bytes[this.#at] !== 0x2c) return this.#untyped();
    const tags = this.text().slice(1);
    if (tags.length > MOST_ARGUMENTS) throw new Unusable(`it has more than ${MOST_ARGUMENTS} arguments`);
    const arrays: unknown[][] = [[]];
    for (const tag of tags) {
      if (tag === '[') arrays.push([]);
      else if (tag === ']') {
        const array = arrays.pop()!;
        if (arrays.length === 0) throw new Unusable('an array ends that has not begun');
        arrays.at(-1)!.push(array);
      } else arrays.at(-1)!.push(this.#argument(tag));
    }
    if (arrays.length > 1) throw new Unusable('an array has no end');
    return arrays[0]!;
  }

  #argument(tag: string): unknown {
    const read = Object.hasOwn(TYPES, tag) ? TYPES[tag] : undefined;
    if (read === undefined) throw new Unusable(`the type ${JSON.stringify(tag)} of an argument is unknown`);
    return read(this);
  }

  /**
   * The arguments of a message without type tags, which the receiver of old senders had to know. Words are taken for numbers where all of
   * them are whole numbers or floats of a size that controls have, and otherwise all for strings. (Ids of pictures and names of
   * banks are no such numbers: as floats, digits are below 0.001 and small letters above 10²⁰.)
   */
  #untyped(): unknown[] {
    const rest = this.#bytes.subarray(this.#at);
    if (rest.length % 4 === 0) {
      const words = new DataView(rest.buffer, rest.byteOffset, rest.length);
      const numbers = Array.from({ length: rest.length / 4 }, (_, i) => plausibleNumber(words, 4 * i));
      if (numbers.length <= MOST_ARGUMENTS && !numbers.includes(undefined)) return numbers;
    }
    const strings: string[] = [];
    while (!this.atEnd) {
      if (strings.push(this.text()) > MOST_ARGUMENTS) {
        throw new Unusable(`it has more than ${MOST_ARGUMENTS} arguments`);
      }
    }
    return strings;
  }
}

function plausibleNumber(words: DataView, at: number): number | undefined {
  const whole = words.getInt32(at);
  // The bits of such a whole number are those of no normal float, or of none at all.
  if (Math.abs(whole) < 2 ** 23) return whole;
  const float = words.getFloat32(at);
  return Math.abs(float) >= 1e-3 && Math.abs(float) <= 1e6 ? float : undefined;
}

/** The types of arguments by their tags. */
const TYPES: Readonly<Record<string, (reader: Reader) => unknown>> = {
  i: (reader) => reader.word().getInt32(0),
  f: (reader) => reader.word().getFloat32(0),
  s: (reader) => reader.text(),
  b: (reader) => {
    const size = reader.word().getInt32(0);
    if (size < 0) throw new Unusable('it is malformed');
    return reader.bytes(size);
  },
  // Beyond 2⁵³ the nearest number.
  h: (reader) => Number(reader.word(8).getBigInt64(0)),
  d: (reader) => reader.word(8).getFloat64(0),
  // Time tags, colours and MIDI messages stay bytes: no control takes them.
  t: (reader) => reader.bytes(8),
  r: (reader) => reader.bytes(4),
  m: (reader) => reader.bytes(4),
  S: (reader) => reader.text(),
  c: (reader) => {
    const code = reader.word().getUint32(0);
    if (code > 0x10_ffff) throw new Unusable('it is malformed');
    return String.fromCodePoint(code);
  },
  T: () => true,
  F: () => false,
  N: () => null,
  // "Infinitum" of 1.0, "impulse" of 1.1: what a button sends.
  I: () => true,
};
