import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import { SynestheteError } from '../../models/errors.ts';
import type { Remedy } from '../../models/remedy.ts';
import type { ChannelLevel } from './channel-meter.ts';
import { checkSoundFile } from './check-file.ts';
import { systemClock, type Clock } from './clock.ts';
import { decodeFile, type Decoding } from './decoder.ts';
import type { ChannelNews, DownmixOptions } from './downmix.ts';
import { Pacer, checkPace, type Pace } from './pace.ts';
import { findFfmpeg } from './programs.ts';
import { eventsOf, type Emit } from './run.ts';
import {
  Reblocker,
  checkBlockSamples,
  describeBadSample,
  firstBadSample,
  silenceBadSamples,
  type BadSamples,
} from './samples.ts';
import type { Source } from './source.ts';
import { chooseTrack } from './tracks.ts';

export interface FileSourceOptions extends DownmixOptions {
  /** Number of the sound track, from 1 on; unless set, the one that the file marks as default, otherwise the first. */
  readonly track?: number;
  /**
   * Seconds of the file to leave out; exact to the sample, in every format, since they are decoded and dropped. That goes
   * at about 400 times real time on an idle core: 2.5 s for 1,000 s of mp3.
   */
  readonly startSeconds?: number;
  /** Seconds to give out from there on; the rest of the file unless set. */
  readonly durationSeconds?: number;
  /** `consumed` unless set. */
  readonly pace?: Pace;
  /** Samples of each block but the last. */
  readonly blockSamples?: number;
  /**
   * Back-pressure for consumers that work asynchronously: awaited before each block, so that the file is read no faster
   * than the consumer gets ready. (A consumer that works synchronously in `next` needs none: nothing is read
   * meanwhile.) Whichever way the source is held up, ffmpeg stops as soon as one pipe's buffer is full.
   */
  readonly ready?: () => Promise<void>;
  /** `reject` unless set. */
  readonly badSamples?: BadSamples;
  readonly clock?: Clock;
}

/** 23 ms: as fine as a live device. */
const PACED_BLOCK_SAMPLES = 512;
const CONSUMED_BLOCK_SAMPLES = 8192;

/**
 * Sound of a file: whatever ffmpeg decodes, also of video files, one sound track. Memory does not depend on its length.
 * What its timestamps leave out is silence: gaps, and the beginning of a film whose sound starts late.
 * `startSample` counts from the first sample given out, which is `startSeconds` into the file.
 *
 * A file that is damaged or cut off is played as far as it can be decoded; the status `damaged` tells of it.
 *
 * Errors: FILE_NOT_FOUND, NOT_A_FILE, NO_AUDIO (nothing to decode), DECODE_FAILED (ffmpeg itself broke down),
 * BAD_SAMPLES, OUT_OF_RANGE (`startSeconds` behind the end, no such channel or track), PROGRAM_MISSING.
 *
 * @throws SynestheteError USAGE or OUT_OF_RANGE at once when an option is outside its range.
 */
export function fileSource(path: string, options: FileSourceOptions = {}): Source {
  const pace = checkPace(options.pace ?? 'consumed');
  const startSample = toSamples(options.startSeconds ?? 0, 'start', path);
  const endSample =
    options.durationSeconds === undefined
      ? Infinity
      : startSample + toSamples(options.durationSeconds, 'duration', path);
  const { blockSamples } = options;
  if (blockSamples !== undefined) checkBlockSamples(blockSamples);
  const settings: Settings = { ...options, path, pace, startSample, endSample };
  return {
    name: path,
    kind: 'file',
    events: eventsOf((emit, signal) => play(settings, emit, signal)),
    ...(options.choice !== undefined && { choice: options.choice }),
  };
}

/**
 * Decodes the beginning of a file: whether there is sound in it, before anybody waits for it. A file that passes may still
 * be damaged further on.
 *
 * Rejects with the errors of `fileSource`.
 */
export async function probeFile(path: string): Promise<void> {
  await checkSoundFile(path);
  const ffmpeg = await findFfmpeg();
  const done = new AbortController();
  const track = await chooseTrack(ffmpeg, path, undefined, done.signal);
  const decoding = decodeFile(ffmpeg, path, done.signal, { track });
  try {
    for await (const piece of decoding.pieces) {
      if (piece.length > 0) return;
    }
    await judgeEnd(decoding, 0, { path, startSample: 0 });
  } finally {
    done.abort();
    await decoding.outcome;
  }
}

interface Settings extends FileSourceOptions {
  readonly path: string;
  readonly pace: Pace;
  /** The part of the file to give out, in samples of the decoded sound. */
  readonly startSample: number;
  readonly endSample: number;
}

function toSamples(seconds: number, what: string, path: string): number {
  if (Number.isFinite(seconds) && seconds >= 0) return Math.round(seconds * SAMPLE_RATE_HZ);
  throw new SynestheteError('OUT_OF_RANGE', `${path}: a ${what} of ${seconds} s is not possible`);
}

async function play(settings: Settings, emit: Emit, closing: AbortSignal): Promise<void> {
  const { path, startSample, endSample } = settings;
  await checkSoundFile(path);
  const ffmpeg = await findFfmpeg();
  closing.throwIfAborted();
  // Ended by the subscriber, by an error, or when as much has been given out as was asked for.
  const done = new AbortController();
  const signal = AbortSignal.any([closing, done.signal]);
  const output = new BlockOutput(settings, emit, closing);
  const track = await chooseTrack(ffmpeg, path, settings.track, closing);
  const onChannels = ({ state, message, remedy }: ChannelNews) => {
    if (state === 'damaged') output.damaged(message, remedy);
    else output.recovered(message);
  };
  const decoding = decodeFile(ffmpeg, path, signal, { ...settings, track, onChannels });
  let decoded = 0;
  let whole = true;
  try {
    for await (const piece of decoding.pieces) {
      output.channels = decoding.channels;
      output.silenced += checkSamples(piece, decoded, settings, output);
      const wanted = piece.subarray(Math.max(0, startSample - decoded), Math.max(0, endSample - decoded));
      decoded += piece.length;
      output.tellDamage(decoding);
      await output.push(wanted);
      if (decoded >= endSample) {
        whole = false;
        await decoding.freezeComplaints();
        break;
      }
    }
    closing.throwIfAborted();
    if (whole) await judgeEnd(decoding, decoded, settings);
    output.tellDamage(decoding); // what ffmpeg said after its last sample
    await output.finish(decoding);
  } finally {
    done.abort();
    await decoding.outcome;
  }
}

/** Cuts the sound into blocks and gives them out at their pace. */
class BlockOutput {
  readonly #settings: Settings;
  readonly #emit: Emit;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #pacer: Pacer;
  readonly #blocks: Reblocker;
  #position = 0;
  #isDamageReported = false;
  #begun = false;
  /** Damage that was found before there was anything to give out. */
  #heldBack: { readonly message: string; readonly remedy: Remedy | undefined }[] = [];
  /** Bad samples that were replaced so far. */
  silenced = 0;
  /** What each channel held where decoding is. */
  channels: readonly ChannelLevel[] = [];

  constructor(settings: Settings, emit: Emit, signal: AbortSignal) {
    this.#settings = settings;
    this.#emit = emit;
    this.#signal = signal;
    this.#clock = settings.clock ?? systemClock;
    this.#pacer = new Pacer(this.#clock, settings.pace);
    const { pace } = settings;
    this.#blocks = new Reblocker(
      settings.blockSamples ??
        (pace === 'consumed'
          ? CONSUMED_BLOCK_SAMPLES
          : Math.min(CONSUMED_BLOCK_SAMPLES, PACED_BLOCK_SAMPLES * Math.ceil(pace))),
    );
  }

  async push(samples: Float32Array): Promise<void> {
    for (const block of this.#blocks.push(samples)) {
      await this.#give(block);
    }
  }

  async finish({ complaints }: Decoding): Promise<void> {
    const last = this.#blocks.flush();
    if (last !== undefined) await this.#give(last);
    this.#begin(); // with nothing to give out, where a duration of 0 was asked for
    const seconds = (this.#position / SAMPLE_RATE_HZ).toFixed(1);
    const damage = complaints.count === 0 ? '' : `, with ${complaints.count} complaints of the decoder`;
    const silenced = this.silenced === 0 ? '' : `, with ${this.silenced} bad samples silenced`;
    this.#tell('ended', `${this.#settings.path} ended after ${seconds} s${damage}${silenced}`);
  }

  /** Tells the first complaint of the decoder when it comes; the last status gives their number. */
  tellDamage({ complaints }: Decoding): void {
    if (this.#isDamageReported || complaints.count === 0) return;
    this.#isDamageReported = true;
    this.damaged(`${this.#settings.path} is damaged: ${complaints.lines[0]!}`);
  }

  damaged(message: string, remedy?: Remedy): void {
    if (this.#begun) this.#tell('damaged', message, remedy);
    else this.#heldBack.push({ message, remedy });
  }

  /** Channels no longer cancel each other. */
  recovered(message: string): void {
    if (this.#begun) this.#tell('delivering', message);
    else this.#heldBack = this.#heldBack.filter(({ remedy }) => remedy?.kind !== 'cancelling-channels');
  }

  /** Only now that there is something: the part that was asked for may lie behind the file's end. */
  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#tell('delivering', `playing ${this.#settings.path}`);
    for (const { message, remedy } of this.#heldBack) this.#tell('damaged', message, remedy);
  }

  #tell(state: 'delivering' | 'damaged' | 'ended', message: string, remedy?: Remedy): void {
    this.#emit({ kind: 'status', state, message, ...(remedy !== undefined && { remedy }) });
  }

  async #give(samples: Float32Array): Promise<void> {
    this.#begin();
    await this.#settings.ready?.();
    await this.#pacer.until(this.#position + samples.length, this.#signal);
    this.#signal.throwIfAborted();
    const startSample = this.#position;
    this.#position += samples.length;
    const { channels } = this;
    this.#emit({ kind: 'block', startSample, samples, arrivedAtMs: this.#clock.nowMs(), channels });
  }
}

/** @returns how many bad samples were silenced; the first ones are reported. */
function checkSamples(piece: Float32Array, decoded: number, settings: Settings, output: BlockOutput): number {
  const bad = firstBadSample(piece);
  if (bad < 0) return 0;
  const seconds = ((decoded + bad) / SAMPLE_RATE_HZ).toFixed(2);
  const fault = `${settings.path} holds a sample that is ${describeBadSample(piece[bad]!)}, at about ${seconds} s`;
  if (settings.badSamples !== 'silence') throw new SynestheteError('BAD_SAMPLES', fault);
  if (output.silenced === 0) output.damaged(`${fault}: silence in its place`);
  return silenceBadSamples(piece);
}

/** Was what came all there is, and was it any sound? ffmpeg's exit code alone doesn't tell: it is 0 for a torn file. */
async function judgeEnd(
  decoding: Decoding,
  decoded: number,
  settings: Pick<Settings, 'path' | 'startSample'>,
): Promise<void> {
  const code = await decoding.outcome;
  const { path, startSample } = settings;
  const reason = decoding.complaints.lines.at(-1);
  if (decoded === 0) {
    const silent = decoding.complaints.lines.some((line) => line.includes('matches no streams'));
    if (silent) throw new SynestheteError('NO_AUDIO', `${path} has no sound in it`);
    throw new SynestheteError(
      'NO_AUDIO',
      `${path} can't be decoded as sound${reason === undefined ? '' : `: ${reason}`}`,
    );
  }
  if (code !== 0) {
    const seconds = (decoded / SAMPLE_RATE_HZ).toFixed(2);
    throw new SynestheteError(
      'DECODE_FAILED',
      `${path}: ffmpeg gave up after ${seconds} s${reason === undefined ? '' : `: ${reason}`}`,
    );
  }
  if (decoded <= startSample && startSample > 0) {
    throw new SynestheteError(
      'OUT_OF_RANGE',
      `${path} is ${(decoded / SAMPLE_RATE_HZ).toFixed(2)} s long: ` +
        `there is nothing at ${(startSample / SAMPLE_RATE_HZ).toFixed(2)} s`,
    );
  }
}
