import type { Readable } from 'node:stream';
import { SynestheteError, messageOf } from '../../models/errors.ts';
import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import { systemClock, type Clock } from './clock.ts';
import { Downmix, type DownmixOptions } from './downmix.ts';
import { Intake } from './intake.ts';
import { checkChannels, type PcmFormat } from './pcm.ts';
import { eventsOf, type Emit } from './run.ts';
import { checkBlockSamples, type BadSamples } from './samples.ts';
import type { Block, Source } from './source.ts';
import { OVERDUE, within } from './watch.ts';
import { WavHeaderReader } from './wav-header.ts';

export interface StdinSourceOptions extends DownmixOptions {
  /** How raw samples are written. Without it the input must be WAV, whose header says so. */
  readonly format?: PcmFormat;
  /** `reject` unless set: then a number that is no sample ends the source with BAD_SAMPLES. */
  readonly badSamples?: BadSamples;
  /** Back-pressure as for files: awaited before more is read. */
  readonly ready?: () => Promise<void>;
  /** Longest block, in samples; as much as has come, unless set. For `ready`, which is asked once a block. */
  readonly blockSamples?: number;
  /** Where the bytes come from; `process.stdin` unless set. */
  readonly input?: Readable;
  readonly clock?: Clock;
}

/** Report the feeding program as stalled after this silence. */
const STALLED_AFTER_MS = 2000;

const NAME = 'standard input';

/**
 * Sound from standard input: raw PCM, or WAV as it is written to a pipe (16, 24 and 32-bit integers, 8-bit, float and
 * double; any rate and number of channels; a size that the writer could not know). A pipe that goes quiet is
 * `lost`, and `delivering` when it continues; the sound then joins on to what came before, since a pipe loses nothing.
 *
 * The newest sample leaves with the same call that its bytes arrive in, less the look-ahead of the resampler (none at
 * 22,050 Hz, 5.4 ms at 44.1 and 48 kHz).
 *
 * @throws SynestheteError OUT_OF_RANGE at once when `blockSamples` is not possible.
 *
 * Errors: NO_AUDIO (empty, not WAV), BAD_SAMPLES, OUT_OF_RANGE (impossible rate or number of channels), USAGE (a terminal).
 */
export function stdinSource(options: StdinSourceOptions = {}): Source {
  if (options.blockSamples !== undefined) checkBlockSamples(options.blockSamples);
  return {
    name: 'stdin',
    kind: 'stdin',
    events: eventsOf((emit, signal) => listen(options, emit, signal)),
    ...(options.choice !== undefined && { choice: options.choice }),
  };
}

async function listen(options: StdinSourceOptions, emit: Emit, signal: AbortSignal): Promise<void> {
  const input = options.input ?? process.stdin;
  if ('isTTY' in input && input.isTTY) {
    throw new SynestheteError('USAGE', `${NAME} is a terminal: pipe sound into it, or name a file or device`);
  }
  const clock = options.clock ?? systemClock;
  const close = () => {
    input.destroy();
  };
  signal.addEventListener('abort', close);
  try {
    await readAll(input, new Listener(options, emit, clock), options, clock, emit, signal);
  } finally {
    signal.removeEventListener('abort', close);
    close();
  }
}

async function readAll(
  input: Readable,
  listener: Listener,
  options: StdinSourceOptions,
  clock: Clock,
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  const giveAll = async () => {
    for (const [i, block] of listener.takeBlocks().entries()) {
      if (i > 0) await options.ready?.();
      signal.throwIfAborted();
      emit(block);
    }
  };
  const bytes = input[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let stalled = false;
  while (!listener.complete) {
    await options.ready?.();
    const coming = bytes.next();
    coming.catch(() => undefined); // it is awaited below, but perhaps not at once
    let come = await within(coming, STALLED_AFTER_MS, clock, signal);
    signal.throwIfAborted();
    if (come === OVERDUE) {
      stalled = true;
      emit({ kind: 'status', state: 'lost', message: `nothing has come on ${NAME} for 2 s` });
      come = await coming;
      signal.throwIfAborted();
    }
    if (come.done === true) break;
    if (stalled) {
      stalled = false;
      emit({ kind: 'status', state: 'delivering', message: `${NAME} goes on` });
    }
    listener.push(come.value);
    await giveAll();
  }
  listener.flush();
  await giveAll();
  listener.finish();
}

/** First the header, when it is WAV, then the samples. */
class Listener {
  readonly #options: StdinSourceOptions;
  readonly #emit: Emit;
  readonly #clock: Clock;
  readonly #header = new WavHeaderReader(NAME);
  #intake: Intake | undefined;
  #missingBytes = Infinity;
  /** Blocks of the last bytes, cut and waiting to be taken. */
  #waiting: Block[] = [];

  constructor(options: StdinSourceOptions, emit: Emit, clock: Clock) {
    this.#options = options;
    this.#emit = emit;
    this.#clock = clock;
    if (options.format !== undefined) this.#begin(options.format, 'raw');
  }

  /** All that the header promised has come. */
  get complete(): boolean {
    return this.#missingBytes === 0;
  }

  push(bytes: Uint8Array): void {
    let samples = bytes;
    if (this.#intake === undefined) {
      const begun = this.#readHeader(bytes);
      if (begun === undefined) return;
      samples = begun;
    }
    const taken = samples.subarray(0, Math.min(samples.length, this.#missingBytes));
    this.#missingBytes -= taken.length;
    this.#intake?.push(taken, this.#clock.nowMs());
  }

  takeBlocks(): Block[] {
    const blocks = this.#waiting;
    this.#waiting = [];
    return blocks;
  }

  /** The input has ended: the last samples come. */
  flush(): void {
    this.#intake?.flush(this.#clock.nowMs());
  }

  finish(): void {
    if (this.#intake === undefined) {
      throw new SynestheteError('NO_AUDIO', `${NAME} ended before a WAV header: was anything written to it?`);
    }
    const { tornBytes } = this.#intake;
    if (tornBytes > 0) {
      this.#tell(
        'damaged',
        `${NAME} ended in the middle of a frame: ${tornBytes} bytes left over (are format and channels right?)`,
      );
    }
    if (this.#intake.frames === 0) throw new SynestheteError('NO_AUDIO', `${NAME} held no samples`);
    if (Number.isFinite(this.#missingBytes) && this.#missingBytes > 0) {
      this.#tell(
        'damaged',
        `${NAME} ended ${this.#missingBytes} bytes before the end that its header claims`,
      );
    }
    const { position, silenced } = this.#intake;
    const trouble = silenced === 0 ? '' : `, with ${silenced} bad samples silenced`;
    this.#tell('ended', `${NAME} ended after ${(position / SAMPLE_RATE_HZ).toFixed(1)} s${trouble}`);
  }

  /** @returns the bytes behind the header, once it is whole. */
  #readHeader(bytes: Uint8Array): Uint8Array | undefined {
    let begun;
    try {
      begun = this.#header.push(bytes);
    } catch (error) {
      throw new SynestheteError('NO_AUDIO', messageOf(error), {
        cause: error,
        remedy: { kind: 'describe-samples' },
      });
    }
    if (begun === undefined) return undefined;
    const { format, dataBytes } = begun.header;
    this.#missingBytes = dataBytes ?? Infinity;
    this.#begin(format, 'WAV');
    return begun.rest;
  }

  #begin(format: PcmFormat, kind: string): void {
    checkChannels(NAME, format);
    this.#intake = new Intake({
      name: NAME,
      format,
      downmix: new Downmix(NAME, format, this.#options, (news) => {
        this.#emit({ kind: 'status', ...news });
      }),
      badSamples: this.#options.badSamples ?? 'reject',
      emit: (event) => {
        const { blockSamples } = this.#options;
        if (event.kind !== 'block' || blockSamples === undefined) this.#emit(event);
        else this.#waiting.push(...cut(event, blockSamples));
      },
    });
    const { encoding, rateHz, channels } = format;
    this.#tell('delivering', `${NAME}: ${kind}, ${encoding}, ${rateHz} Hz, ${channels} channels`);
  }

  #tell(state: 'delivering' | 'damaged' | 'ended', message: string): void {
    this.#emit({ kind: 'status', state, message });
  }
}

function* cut(block: Block, blockSamples: number): Generator<Block> {
  const { samples, startSample } = block;
  for (let at = 0; at < samples.length; at += blockSamples) {
    yield { ...block, startSample: startSample + at, samples: samples.slice(at, at + blockSamples) };
  }
}
