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

/**
 * Turns interleaved PCM that arrives in pieces of any size, torn anywhere, into mono. Mono is the mean of all channels
 * (librosa's `to_mono`): every channel counts alike, whatever loudspeaker it is meant for.
 */
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

  /** @returns one sample for each whole frame, full scale ±1; not checked to be finite. */
  push(bytes: Uint8Array): Float32Array {
    const length = this.#rest.length + bytes.length;
    const frames = Math.floor(length / this.#frameBytes);
    // A copy of its own: pieces of a pipe lie anywhere in memory, and torn ones are joined here.
    const all = new Uint8Array(length);
    all.set(this.#rest);
    all.set(bytes, this.#rest.length);
    this.#rest = all.slice(frames * this.#frameBytes);
    const { encoding, channels } = this.format;
    const values = numbersOf(encoding, all.subarray(0, frames * this.#frameBytes));
    const { zero, full } = SCALES[encoding];
    const mono = new Float32Array(frames);
    for (let frame = 0, i = 0; frame < frames; frame++) {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++, i++) sum += values[i]! - zero;
      mono[frame] = sum / (full * channels);
    }
    return mono;
  }
}
