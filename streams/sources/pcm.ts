/** How one sample is written. All are little-endian; u8 is offset binary, as WAV has it. */
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

/** Reads the sample at a byte offset; full scale of the integer encodings is 2^(bits − 1), so that −1 is exact. */
const READERS: Readonly<Record<SampleEncoding, (view: DataView, at: number) => number>> = {
  u8: (view, at) => (view.getUint8(at) - 128) / 128,
  s16le: (view, at) => view.getInt16(at, true) / 32768,
  s24le: (view, at) => ((view.getInt8(at + 2) << 16) | view.getUint16(at, true)) / 8388608,
  s32le: (view, at) => view.getInt32(at, true) / 2147483648,
  f32le: (view, at) => view.getFloat32(at, true),
  f64le: (view, at) => view.getFloat64(at, true),
};

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
    let all = bytes;
    if (this.#rest.length > 0) {
      all = new Uint8Array(this.#rest.length + bytes.length);
      all.set(this.#rest);
      all.set(bytes, this.#rest.length);
    }
    const frames = Math.floor(all.length / this.#frameBytes);
    this.#rest = all.slice(frames * this.#frameBytes);
    const { encoding, channels } = this.format;
    const view = new DataView(all.buffer, all.byteOffset, all.length);
    const read = READERS[encoding];
    const sampleBytes = SAMPLE_BYTES[encoding];
    const mono = new Float32Array(frames);
    let at = 0;
    for (let frame = 0; frame < frames; frame++) {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++, at += sampleBytes) sum += read(view, at);
      mono[frame] = sum / channels;
    }
    return mono;
  }
}
