/** Waveforms and files made by formula. */

/** Interleaved frames of a WAV, little-endian. */
export interface WavParts {
  readonly rateHz: number;
  readonly channels: number;
  /** 1 PCM, 3 IEEE float. */
  readonly format: 1 | 3;
  readonly bits: number;
  readonly data: Buffer;
  /** Writes WAVE_FORMAT_EXTENSIBLE. */
  readonly extensible?: boolean;
  /** What the header claims, when not the truth. */
  readonly claimedBytes?: number;
}

export function wavFile(parts: WavParts): Buffer {
  const { rateHz, channels, bits, data } = parts;
  const frame = (channels * bits) / 8;
  const fmt = Buffer.alloc(parts.extensible === true ? 40 : 16);
  fmt.writeUInt16LE(parts.extensible === true ? 0xfffe : parts.format, 0);
  fmt.writeUInt16LE(channels, 2);
  fmt.writeUInt32LE(rateHz, 4);
  fmt.writeUInt32LE(rateHz * frame, 8);
  fmt.writeUInt16LE(frame, 12);
  fmt.writeUInt16LE(bits, 14);
  if (parts.extensible === true) {
    fmt.writeUInt16LE(22, 16);
    fmt.writeUInt16LE(bits, 18);
    fmt.writeUInt16LE(parts.format, 24);
    Buffer.from('000000001000800000aa00389b71', 'hex').copy(fmt, 26);
  }
  const size = parts.claimedBytes ?? data.length;
  return Buffer.concat([
    Buffer.from('RIFF'),
    uint32(Math.min(0xffffffff, 4 + 8 + fmt.length + 8 + size)),
    Buffer.from('WAVEfmt '),
    uint32(fmt.length),
    fmt,
    Buffer.from('data'),
    uint32(size),
    data,
  ]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** 16-bit WAV of a waveform; `at(n, channel)` gives integers. */
export function wav16(
  rateHz: number,
  channels: number,
  frames: number,
  at: (n: number, channel: number) => number,
): Buffer {
  const data = Buffer.alloc(frames * channels * 2);
  for (let n = 0; n < frames; n++) {
    for (let c = 0; c < channels; c++) data.writeInt16LE(at(n, c), 2 * (n * channels + c));
  }
  return wavFile({ rateHz, channels, format: 1, bits: 16, data });
}

/** Float32 WAV. */
export function wavFloat(
  rateHz: number,
  channels: number,
  frames: number,
  at: (n: number, channel: number) => number,
): Buffer {
  const data = Buffer.alloc(frames * channels * 4);
  for (let n = 0; n < frames; n++) {
    for (let c = 0; c < channels; c++) data.writeFloatLE(at(n, c), 4 * (n * channels + c));
  }
  return wavFile({ rateHz, channels, format: 3, bits: 32, data });
}

/** Integers that look like noise but are the same everywhere: a linear congruential generator, seen as 16 bits. */
export function noise16(length: number, seed = 1): Int16Array {
  const noise = new Int16Array(length);
  let state = seed;
  for (let n = 0; n < length; n++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    noise[n] = (state >>> 16) - 32768;
  }
  return noise;
}

export function sine(hz: number, rateHz: number, amplitude = 0.5): (n: number) => number {
  return (n) => amplitude * Math.sin((2 * Math.PI * hz * n) / rateHz);
}

/** Root mean square of the error between two waveforms, relative to the second. */
export function relativeError(got: Float32Array, wanted: Float32Array): number {
  let error = 0;
  let power = 0;
  for (let n = 0; n < wanted.length; n++) {
    error += ((got[n] ?? 0) - wanted[n]!) ** 2;
    power += wanted[n]! ** 2;
  }
  return Math.sqrt(error / power);
}
