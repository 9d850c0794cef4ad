import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import { startFailure } from '../../models/start-process.ts';
import type { ChannelLevel } from './channel-meter.ts';
import { startChild } from './child.ts';
import { Downmix, type ChannelNews, type DownmixOptions } from './downmix.ts';
import { PcmReader } from './pcm.ts';
import { StereoReader } from './stereo.ts';
import { Timestamps } from './timestamps.ts';
import { WavHeaderReader, type WavHeader } from './wav-header.ts';

/** What the sound of a file is decoded to. */
interface SoundForm {
  readonly rateHz: number;
  /** Interleaved; mono unless set. */
  readonly isStereo?: boolean;
}

/** What is analysed. */
const ANALYSED: SoundForm = { rateHz: SAMPLE_RATE_HZ };

/** What is decoded of a file. */
interface DecodingOptions extends DownmixOptions {
  /** Number of the sound track, from 1 on: see `chooseTrack`. */
  readonly track: number;
  readonly form?: SoundForm;
  /** Called when channels begin or cease to cancel each other; of mono only. */
  readonly onChannels?: (news: ChannelNews) => void;
}

/** A file as ffmpeg decodes it. */
export interface Decoding {
  /**
   * Float32, mono at 22,050 Hz unless another form was asked for. On the file's own clock: where its timestamps leave a
   * gap there is silence, also before sound that starts later than the pictures. It is pulled: while nobody asks for the next piece, ffmpeg waits. Ends with the sound,
   * however that ends: see `complaints` and `outcome`.
   */
  readonly pieces: AsyncIterable<Float32Array>;
  /** What each channel holds where decoding is; of mono only. */
  readonly channels: readonly ChannelLevel[];
  /** What ffmpeg said was wrong, so far, oldest first; `count` goes on when the list is full. */
  readonly complaints: { readonly lines: readonly string[]; readonly count: number };
  /**
   * To be awaited before `pieces` is left early: what ffmpeg says of that, such as a broken pipe, is no complaint. What it
   * said before it wrote the last piece is in `complaints` then.
   */
  freezeComplaints(): Promise<void>;
  /**
   * How ffmpeg ended, once `pieces` has: its exit code, or null when it was ended. Rejects with CANNOT_START when it could
   * not be started.
   */
  readonly outcome: Promise<number | null>;
}

const MOST_COMPLAINTS = 20;

/**
 * Starts ffmpeg on a file. The samples are made float first, so that 16-bit mono at 22,050 Hz comes out as exactly
 * n / 32768; then soxr resamples all channels, and `Downmix` takes their mean. (ffmpeg's own way to mono
 * does not know every number of channels, weighs those of 5.1 differently and sums float stereo to 3 dB more.)
 *
 * The name is given as an absolute `file:` URL and no other protocol is allowed: a file called `-x.mp3`, `http:x` or
 * `concat:a|b` is a file, and a playlist can't make ffmpeg talk to the network.
 */
export function decodeFile(
  ffmpeg: string,
  path: string,
  signal: AbortSignal,
  options: DecodingOptions,
): Decoding {
  const { form = ANALYSED } = options;
  const timestamps = new Timestamps(form.rateHz);
  const complaints = { lines: [] as string[], count: 0 };
  let frozen = false;
  const args = [
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'level+info'],
    // Timestamps as the file has them; ffmpeg would begin where the first track begins that is decoded.
    ...['-copyts', '-protocol_whitelist', 'file', '-i', `file:${resolve(path)}`],
    ...['-map', `0:a:${options.track - 1}`, '-vn', '-sn', '-dn', '-map_metadata', '-1'],
    ...['-af', `aformat=sample_fmts=flt,${Timestamps.STAMPED},aresample=${form.rateHz}:resampler=soxr`],
    ...['-c:a', 'pcm_f32le', '-f', 'wav', 'pipe:1'],
  ];
  const child = startChild(ffmpeg, args, {
    signal,
    guarded: true,
    onErrorLine: (line) => {
      if (timestamps.read(line) || frozen) return;
      const complaint = complaintOf(line);
      if (complaint === undefined) return;
      complaints.count++;
      if (complaints.lines.length < MOST_COMPLAINTS) complaints.lines.push(complaint);
    },
  });
  const mixing = { downmix: undefined as Downmix | undefined };
  const readerOf = ({ format, channelMask }: WavHeader): SampleReader => {
    if (form.isStereo === true) return new StereoReader(format.channels, channelMask);
    const reader = new PcmReader(format);
    const downmix = new Downmix(path, format, options, options.onChannels);
    mixing.downmix = downmix;
    return { push: (bytes) => downmix.push(reader.push(bytes)) };
  };
  const outcome = child.ended.then(({ code, failure }) => {
    if (failure !== undefined) throw startFailure(ffmpeg, failure);
    return code;
  });
  // Awaited only after the last piece.
  outcome.catch(() => undefined);
  return {
    pieces: timestamps.layOut(samplesOf(child.stdout, readerOf, signal), form.isStereo === true ? 2 : 1),
    get channels() {
      return mixing.downmix?.levels ?? [];
    },
    complaints,
    freezeComplaints: async () => {
      // What waits in the pipe of complaints is read in the next turn of the event loop.
      await setImmediate();
      await setImmediate();
      frozen = true;
    },
    outcome,
  };
}

/**
 * What a line of ffmpeg's log says is wrong, if it does. `[mp3 @ 0x55d0c8] [error] …` says where in memory ffmpeg's part
 * lay, which nobody can use.
 */
function complaintOf(line: string): string | undefined {
  const [, part, text] = /^(?:\[([^\]@]+?) @ [^\]]+\] *)*\[(?:error|fatal|panic)\] *(.*)$/.exec(line) ?? [];
  return text === undefined || part === undefined ? text : `${part}: ${text}`;
}

interface SampleReader {
  push(bytes: Uint8Array): Float32Array;
}

async function* samplesOf(
  wav: AsyncIterable<Buffer>,
  readerOf: (header: WavHeader) => SampleReader,
  signal: AbortSignal,
): AsyncGenerator<Float32Array> {
  const headerReader = new WavHeaderReader('the output of ffmpeg');
  let reader: SampleReader | undefined;
  try {
    for await (const bytes of wav) {
      if (reader !== undefined) {
        yield reader.push(bytes);
        continue;
      }
      const begun = headerReader.push(bytes);
      if (begun === undefined) continue;
      reader = readerOf(begun.header);
      yield reader.push(begun.rest);
    }
  } catch (error) {
    // Ending ffmpeg destroys the stream under the loop: that is no fault.
    if (!signal.aborted) throw error;
  }
}
