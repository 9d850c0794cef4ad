import { SynestheteError } from '../../models/errors.ts';
import type { PcmFormat, SampleEncoding } from './pcm.ts';

/** What stands before the samples of a WAV stream. */
export interface WavHeader {
  readonly format: PcmFormat;
  /** Bytes of samples that follow, or undefined when the writer did not know: then all that follows is sound. */
  readonly dataBytes: number | undefined;
  /** Which loudspeakers the channels are meant for, a bit each; 0 where the file doesn't say. */
  readonly channelMask: number;
}

interface Format extends PcmFormat {
  readonly channelMask: number;
}

const FORMAT_PCM = 1;
const FORMAT_FLOAT = 3;
const FORMAT_EXTENSIBLE = 0xfffe;

/** Programs that stream write 0, 0x7ffff000 and the like, or 0xffffffff for a size that they can't know. */
const LEAST_UNKNOWN_SIZE = 0x7fff0000;

/** No sane header is longer; text or noise that happens to begin with RIFF ends here. */
const LONGEST_HEADER = 1 << 20;

/**
 * Reads the header of a WAV stream (RIFF or RF64, WAVE_FORMAT_PCM, _IEEE_FLOAT and _EXTENSIBLE) that arrives in pieces.
 * Layout: Microsoft's "Multiple Channel Audio Data and WAVE Files"; RF64: EBU Tech 3306.
 */
export class WavHeaderReader {
  readonly #name: string;
  #bytes: Buffer = Buffer.alloc(0);

  /** @param name of the input, for error messages. */
  constructor(name: string) {
    this.#name = name;
  }

  /**
   * @returns undefined until the whole header is there; then the header and the bytes behind it.
   * @throws SynestheteError NO_AUDIO when it is no WAV, or a WAV of a kind that is not PCM.
   */
  push(bytes: Uint8Array): { header: WavHeader; rest: Uint8Array } | undefined {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    const all = this.#bytes;
    if (all.length < 12) return undefined;
    const riff = all.toString('latin1', 0, 4);
    if ((riff !== 'RIFF' && riff !== 'RF64') || all.toString('latin1', 8, 12) !== 'WAVE') {
      throw this.#fault('is not WAV');
    }
    let format: Format | undefined;
    let longDataBytes: number | undefined;
    let at = 12;
    while (at + 8 <= all.length) {
      const id = all.toString('latin1', at, at + 4);
      const size = all.readUInt32LE(at + 4);
      const body = at + 8;
      if (id === 'data') {
        if (format === undefined) throw this.#fault('is a WAV whose samples come before their format');
        const known = size !== 0 && size < LEAST_UNKNOWN_SIZE;
        return {
          header: {
            format: { encoding: format.encoding, rateHz: format.rateHz, channels: format.channels },
            dataBytes: riff === 'RF64' ? longDataBytes : known ? size : undefined,
            channelMask: format.channelMask,
          },
          rest: all.subarray(body),
        };
      }
      if (body + size > LONGEST_HEADER) throw this.#fault('is a WAV without samples');
      if (body + size > all.length) return undefined;
      if (id === 'fmt ') format = this.#formatOf(all.subarray(body, body + size));
      if (id === 'ds64' && size >= 16) longDataBytes = knownSize(all.readBigUInt64LE(body + 8));
      at = body + size + (size % 2);
    }
    return undefined;
  }

  #formatOf(chunk: Buffer): Format {
    if (chunk.length < 16) throw this.#fault('is a WAV whose format is cut short');
    let code = chunk.readUInt16LE(0);
    const channels = chunk.readUInt16LE(2);
    const rateHz = chunk.readUInt32LE(4);
    const bits = chunk.readUInt16LE(14);
    const isExtensible = code === FORMAT_EXTENSIBLE && chunk.length >= 26;
    const channelMask = isExtensible ? chunk.readUInt32LE(20) : 0;
    if (isExtensible) code = chunk.readUInt16LE(24);
    const encoding = encodingOf(code, bits);
    if (encoding === undefined) {
      throw this.#fault(
        `is a WAV of format ${code} with ${bits} bits, not PCM: convert it with ffmpeg -i … -f wav -c:a pcm_f32le -`,
      );
    }
    if (channels === 0 || rateHz === 0) {
      throw this.#fault(`is a WAV that claims ${channels} channels at ${rateHz} Hz`);
    }
    return { encoding, rateHz, channels, channelMask };
  }

  #fault(what: string): SynestheteError {
    return new SynestheteError('NO_AUDIO', `${this.#name} ${what}`);
  }
}

/** A 64-bit size of 0, or one that no disk holds, means that the writer did not know: ffmpeg writes 0 to a pipe. */
function knownSize(size: bigint): number | undefined {
  return size === 0n || size > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(size);
}

function encodingOf(code: number, bits: number): SampleEncoding | undefined {
  if (code === FORMAT_FLOAT) return bits === 32 ? 'f32le' : bits === 64 ? 'f64le' : undefined;
  if (code !== FORMAT_PCM) return undefined;
  switch (bits) {
    case 8:
      return 'u8';
    case 16:
      return 's16le';
    case 24:
      return 's24le';
    case 32:
      return 's32le';
    default:
      return undefined;
  }
}
