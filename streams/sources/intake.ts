import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import { SynestheteError } from '../../models/errors.ts';
import type { Downmix } from './downmix.ts';
import { PcmReader, type PcmFormat } from './pcm.ts';
import { Resampler } from './resampler.ts';
import type { Emit } from './run.ts';
import { describeBadSample, firstBadSample, silenceBadSamples, type BadSamples } from './samples.ts';

export interface IntakeOptions {
  /** Names the source in messages. */
  readonly name: string;
  readonly format: PcmFormat;
  /** Made for this format; it may have served the stretch before. */
  readonly downmix: Downmix;
  readonly badSamples: BadSamples;
  readonly emit: Emit;
}

/** Takes live bytes in, as they come, and gives blocks out. One intake is one stretch of sound without a gap. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #reader: PcmReader;
  readonly #resampler: Resampler;
  #frames = 0;
  #position = 0;
  #silenced = 0;

  /** @throws SynestheteError OUT_OF_RANGE for a rate that no sound has. */
  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#reader = new PcmReader(options.format);
    this.#resampler = new Resampler(options.format.rateHz);
  }

  /** Whole frames taken in so far, at the rate they came in. */
  get frames(): number {
    return this.#frames;
  }

  /** Position behind the last sample that was given out. */
  get position(): number {
    return this.#position;
  }

  /** Bad samples that were replaced so far. */
  get silenced(): number {
    return this.#silenced;
  }

  /** Says where the first sample lies; the first position is 0 unless set. Only before any sound. */
  startAt(position: number): void {
    this.#position = position;
  }

  /** @throws SynestheteError BAD_SAMPLES, where they are to be rejected. */
  push(bytes: Uint8Array, arrivedAtMs: number): void {
    const mono = this.#options.downmix.push(this.#reader.push(bytes));
    this.#check(mono);
    this.#frames += mono.length;
    this.#give(this.#resampler.push(mono), arrivedAtMs);
  }

  /** Bytes of a last frame that has only begun. */
  get tornBytes(): number {
    return this.#reader.tornBytes;
  }

  /** The input has ended: gives the last samples. */
  flush(arrivedAtMs: number): void {
    this.#give(this.#resampler.flush(), arrivedAtMs);
  }

  #give(samples: Float32Array, arrivedAtMs: number): void {
    if (samples.length === 0) return;
    const startSample = this.#position;
    this.#position += samples.length;
    const { downmix, emit } = this.#options;
    emit({ kind: 'block', startSample, samples, arrivedAtMs, channels: downmix.levels });
  }

  #check(mono: Float32Array): void {
    const bad = firstBadSample(mono);
    if (bad < 0) return;
    const { name, format, badSamples, emit } = this.#options;
    const frame = this.#frames + bad;
    const fault =
      `${name}: frame ${frame} (at ${(frame / format.rateHz).toFixed(3)} s) is ` +
      describeBadSample(mono[bad]!);
    if (badSamples === 'reject') {
      throw new SynestheteError('BAD_SAMPLES', `${fault}; are format, rate and channels right?`);
    }
    if (this.#silenced === 0) {
      emit({ kind: 'status', state: 'damaged', message: `${fault}: silence in its place` });
    }
    this.#silenced += silenceBadSamples(mono);
  }
}

/** Samples at 22,050 Hz that last this long, rounded. */
export function samplesIn(ms: number): number {
  return Math.round((ms * SAMPLE_RATE_HZ) / 1000);
}
