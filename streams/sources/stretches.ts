import { Downmix, type DownmixOptions } from './downmix.ts';
import { Intake, samplesIn } from './intake.ts';
import { checkChannels, frameBytes, type PcmFormat } from './pcm.ts';
import type { Emit } from './run.ts';
import type { BadSamples } from './samples.ts';
import { SilenceWatch } from './silence.ts';
import { WavHeaderReader } from './wav-header.ts';

/**
 * The sound of a device that comes and goes: stretches without a gap, each an intake of its own, laid out on one clock.
 * The arrival times of two stretches tell what was missed between them.
 */
export class Stretches {
  #name: string;
  readonly #badSamples: BadSamples;
  readonly #emit: Emit;
  #mixing: DownmixOptions;
  readonly #silence = new SilenceWatch();
  /** That of the last stretch, and its format. */
  #downmix:
    | {
        readonly mix: Downmix;
        readonly format: PcmFormat;
        readonly name: string;
        readonly mixing: DownmixOptions;
      }
    | undefined;
  #header: WavHeaderReader | undefined;
  #format: PcmFormat | undefined;
  #intake: Intake | undefined;
  #change: 'silent' | 'sound' | undefined;
  /** Position behind the last sample, and when that arrived; undefined before any sound. */
  #end: { readonly position: number; readonly arrivedAtMs: number } | undefined;

  constructor(name: string, badSamples: BadSamples, emit: Emit, mixing: DownmixOptions = {}) {
    this.#name = name;
    this.#badSamples = badSamples;
    this.#mixing = mixing;
    this.#emit = (event) => {
      if (event.kind === 'block') this.#change = this.#silence.push(event.samples) ?? this.#change;
      emit(event);
    };
  }

  /**
   * Sound of this format is about to come.
   * @param from what gives it, where that changes: its name in messages, and how its channels become one
   */
  begin(format: PcmFormat | 'wav', from?: { readonly name: string; readonly mixing: DownmixOptions }): void {
    if (from !== undefined) ({ name: this.#name, mixing: this.#mixing } = from);
    this.#header = format === 'wav' ? new WavHeaderReader(this.#name) : undefined;
    this.#format = format === 'wav' ? undefined : format;
  }

  /** @returns whether the sound has just turned to digital silence or back. */
  push(bytes: Uint8Array, arrivedAtMs: number): 'silent' | 'sound' | undefined {
    const samples = this.#behindHeader(bytes);
    if (samples === undefined || this.#format === undefined) return undefined;
    this.#intake ??= this.#openIntake(this.#format, samples.length, arrivedAtMs);
    this.#change = undefined;
    this.#intake.push(samples, arrivedAtMs);
    this.#end = { position: this.#intake.position, arrivedAtMs };
    return this.#change;
  }

  /** The stretch is over. */
  end(reason: string): void {
    if (this.#intake === undefined || this.#end === undefined) return;
    this.#intake.flush(this.#end.arrivedAtMs);
    this.#end = { position: this.#intake.position, arrivedAtMs: this.#end.arrivedAtMs };
    this.#intake = undefined;
    this.#emit({ kind: 'gap', atSample: this.#end.position, reason });
  }

  /** `lostMs` were lost in the middle. */
  skip(lostMs: number, reason: string): void {
    this.end(reason);
    if (this.#end === undefined || this.#format === undefined) return;
    this.#intake = this.#newIntake(this.#format);
    this.#intake.startAt(this.#end.position + samplesIn(lostMs));
  }

  #behindHeader(bytes: Uint8Array): Uint8Array | undefined {
    if (this.#header === undefined) return bytes;
    const begun = this.#header.push(bytes);
    if (begun === undefined) return undefined;
    this.#header = undefined;
    this.#format = begun.header.format;
    return begun.rest;
  }

  /** The first sample of the first bytes came to be `length` bytes before they arrived. */
  #openIntake(format: PcmFormat, length: number, arrivedAtMs: number): Intake {
    const intake = this.#newIntake(format);
    if (this.#end !== undefined) {
      const lastsMs = (1000 * Math.floor(length / frameBytes(format))) / format.rateHz;
      const missed = samplesIn(arrivedAtMs - lastsMs - this.#end.arrivedAtMs);
      intake.startAt(this.#end.position + Math.max(0, missed));
    }
    return intake;
  }

  #newIntake(format: PcmFormat): Intake {
    checkChannels(this.#name, format);
    return new Intake({
      name: this.#name,
      format,
      downmix: this.#downmixOf(format),
      badSamples: this.#badSamples,
      emit: this.#emit,
    });
  }

  /** A device that comes back with the same format is known already: channels that cancel still do. */
  #downmixOf(format: PcmFormat): Downmix {
    const last = this.#downmix;
    const isSame =
      last?.name === this.#name &&
      last.mixing.choice === this.#mixing.choice &&
      last.mixing.channels === this.#mixing.channels &&
      last.format.channels === format.channels &&
      last.format.rateHz === format.rateHz;
    if (isSame) return last.mix;
    const mix = new Downmix(this.#name, format, this.#mixing, (news) => {
      this.#emit({ kind: 'status', ...news });
    });
    this.#downmix = { mix, format, name: this.#name, mixing: this.#mixing };
    return mix;
  }
}
