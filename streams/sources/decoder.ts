import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import { startChild } from './child.ts';
import { PcmReader } from './pcm.ts';
import { WavHeaderReader } from './wav-header.ts';

/** A file as ffmpeg decodes it. */
export interface Decoding {
  /**
   * Mono float32 at 22,050 Hz. It is pulled: while nobody asks for the next piece, ffmpeg waits. Ends with the sound,
   * however that ends: see `complaints` and `outcome`.
   */
  readonly pieces: AsyncIterable<Float32Array>;
  /** What ffmpeg said was wrong, so far, oldest first; `count` goes on when the list is full. */
  readonly complaints: { readonly lines: readonly string[]; readonly count: number };
  /**
   * To be awaited before `pieces` is left early: what ffmpeg says of that, such as a broken pipe, is no complaint. What it
   * said before it wrote the last piece is in `complaints` then.
   */
  freezeComplaints(): Promise<void>;
  /** How ffmpeg ended, once `pieces` has: its exit code, or null when it was ended or could not start. */
  readonly outcome: Promise<number | null>;
}

const MOST_COMPLAINTS = 20;

/**
 * Starts ffmpeg on a file. The samples are made float first, so that 16-bit mono at 22,050 Hz comes out as exactly
 * n / 32768; then soxr resamples all channels, and the reader of its output takes their mean. (ffmpeg's own way to mono
 * does not know every number of channels, weighs those of 5.1 differently and sums float stereo to 3 dB more.)
 *
 * The name is given as an absolute `file:` URL and no other protocol is allowed: a file called `-x.mp3`, `http:x` or
 * `concat:a|b` is a file, and a playlist can't make ffmpeg talk to the network.
 */
export function decodeFile(ffmpeg: string, path: string, signal: AbortSignal): Decoding {
  const complaints = { lines: [] as string[], count: 0 };
  let frozen = false;
  const args = [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error'],
    ...['-protocol_whitelist', 'file', '-i', `file:${resolve(path)}`],
    ...['-map', '0:a:0', '-vn', '-sn', '-dn', '-map_metadata', '-1'],
    ...['-af', `aformat=sample_fmts=flt,aresample=${SAMPLE_RATE_HZ}:resampler=soxr`],
    ...['-c:a', 'pcm_f32le', '-f', 'wav', 'pipe:1'],
  ];
  const child = startChild(ffmpeg, args, {
    signal,
    guarded: true,
    onErrorLine: (line) => {
      if (frozen) return;
      complaints.count++;
      if (complaints.lines.length < MOST_COMPLAINTS) complaints.lines.push(withoutAddress(line));
    },
  });
  return {
    pieces: monoOf(child.stdout, signal),
    complaints,
    freezeComplaints: async () => {
      // What waits in the pipe of complaints is read in the next turn of the event loop.
      await setImmediate();
      await setImmediate();
      frozen = true;
    },
    outcome: child.ended.then(({ code }) => code),
  };
}

/** `[mp3 @ 0x55d0c8]` says where in memory ffmpeg's part lay, which nobody can use. */
function withoutAddress(line: string): string {
  return line.replace(/^\[([^\]@]+?) @ [^\]]+\] */, '$1: ');
}

async function* monoOf(wav: AsyncIterable<Buffer>, signal: AbortSignal): AsyncGenerator<Float32Array> {
  const headerReader = new WavHeaderReader('the output of ffmpeg');
  let reader: PcmReader | undefined;
  try {
    for await (const bytes of wav) {
      if (reader !== undefined) {
        yield reader.push(bytes);
        continue;
      }
      const begun = headerReader.push(bytes);
      if (begun === undefined) continue;
      reader = new PcmReader(begun.header.format);
      yield reader.push(begun.rest);
    }
  } catch (error) {
    // Ending ffmpeg destroys the stream under the loop: that is no fault.
    if (!signal.aborted) throw error;
  }
}
