import { SynestheteError } from '../../models/errors.ts';

/**
 * How one sample is written. All are little-endian, as every machine is that Node has binaries for but the IBM
 * mainframes; u8 is offset binary, as WAV has it.
 */
export type SampleEncoding = 'u8' | 's16le' | 's24le' | 's32le' | 'f32le' | 'f64le';

export interface PcmFormat {
  readonly encoding: SampleEncoding;
  /** Frames a second. */
  readonly rateHz: number;
  /** Samples of a frame, interleaved. */
  readonly channels: number;
}

const SAMPLE_BYTES: Readonly<Record<SampleEncoding, number>> = {
  u8: 1,
  s16le: 2,
  s24le: 3,
  s32le: 4,
  f32le: 4,
  f64le: 8,
};

/**
 * What sound cards and programs use, with room on both sides. A frame is kept until it is whole, so that a number of
 * channels that is none would ask for any amount of memory.
 */
export const PCM_LIMITS = {
  channels: { least: 1, most: 64 },
  rateHz: { least: 1000, most: 768_000 },
} as const;

/** @throws SynestheteError OUT_OF_RANGE for a number of channels that no sound has. */
export function checkChannels(name: string, { channels }: PcmFormat): void {
  const { least, most } = PCM_LIMITS.channels;
  if (Number.isInteger(channels) && channels >= least && channels <= most) return;
  throw new SynestheteError(
    'OUT_OF_RANGE',
    `${name} can't have ${channels} channels: they must be ${least} to ${most}`,
  );
}

/** Bytes of one frame: a sample of each channel. */
export function frameBytes(format: PcmFormat): number {
  return SAMPLE_BYTES[format.encoding] * format.channels;
}

type Numbers = Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** What to subtract and divide by. Full scale of the integers is 2^(bits − 1), so that −1 is exact. */
const SCALES: Readonly<Record<SampleEncoding, { readonly zero: number; readonly full: number }>> = {
  u8: { zero: 128, full: 128 },
  s16le: { zero: 0, full: 32768 },
  s24le: { zero: 0, full: 8388608 },
  s32le: { zero: 0, full: 2147483648 },
  f32le: { zero: 0, full: 1 },
  f64le: { zero: 0, full: 1 },
};

/** The samples as numbers. `bytes` begins an ArrayBuffer of its own, as alignment demands. */
function numbersOf(encoding: SampleEncoding, bytes: Uint8Array<ArrayBuffer>): Numbers {
  const { buffer, length } = bytes;
  switch (encoding) {
    case 'u8':
      return bytes;
    case 's16le':
      return new Int16Array(buffer, 0, length / 2);
    case 's24le': {
      const values = new Int32Array(length / 3);
      for (let i = 0, at = 0; i < values.length; i++, at += 3) {
        values[i] = ((bytes[at]! << 8) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 24)) >> 8;
      }
      return values;
    }
    case 's32le':
      return new Int32Array(buffer, 0, length / 4);
    case 'f32le':
      return new Float32Array(buffer, 0, length / 4);
    case 'f64le':
      return new Float64Array(buffer, 0, length / 8);
  }
}

/** Whole frames, interleaved, as they were written: a sample is (value − zero) / full, full scale ±1. */
export interface Frames {
  readonly values: Numbers;
  readonly count: number;
  readonly zero: number;
  readonly full: number;
}

/** Turns interleaved PCM that arrives in pieces of any size, torn anywhere, into whole frames. */
export class PcmReader {
  readonly format: PcmFormat;
  readonly #frameBytes: number;
  #rest = new Uint8Array(0);

  constructor(format: PcmFormat) {
    this.format = format;
    this.#frameBytes = frameBytes(format);
  }

  /** Bytes of the frame that has only begun. */
  get tornBytes(): number {
    return this.#rest.length;
  }

  push(bytes: Uint8Array): Frames {
    const length = this.#rest.length + bytes.length;
    const count = Math.floor(length / this.#frameBytes);
    // A copy of its own: pieces of a pipe lie anywhere in memory, and torn ones are joined here.
    const all = new Uint8Array(length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    this.#rest = all.slice(count * this.#frameBytes);
    const { encoding } = this.format;
    const values = numbersOf(encoding, all.subarray(0, count * this.#frameBytes));
    return { values, count, ...SCALES[encoding] };
  }
}
