import { SynestheteError } from '../../models/errors.ts';
import type { Remedy } from '../../models/remedy.ts';
import type { ChannelChoice } from './channel-choice.ts';
import { CancellingWatch, type Cancelling } from './cancelling.ts';
import { ChannelMeter, type ChannelLevel, type ChannelPair } from './channel-meter.ts';
import type { Frames } from './pcm.ts';

/** How several channels become one. */
export interface DownmixOptions {
  /** Numbers of the channels that are heard, from 1 on; all of them unless set. */
  readonly channels?: readonly number[];
  /** Stands for `channels` where they can be changed while the sound comes. */
  readonly choice?: ChannelChoice;
  /**
   * What is heard of two channels that cancel each other: the `louder` one, unless set, or their `mean` as of any others,
   * where the numbers must be those of librosa.
   */
  readonly cancelling?: 'louder' | 'mean';
}

/** What a person should know of the channels. */
export interface ChannelNews {
  readonly state: 'damaged' | 'delivering';
  readonly message: string;
  readonly remedy?: Remedy;
}

/** Levels and correlations are judged this often. */
const WINDOWS_PER_SECOND = 50;

/**
 * Makes mono of interleaved frames: the mean of the channels that are heard (librosa's `to_mono`): every channel counts
 * alike, whatever loudspeaker it is meant for. Of channels that cancel each other only the louder one is heard. What it
 * gives does not depend on how the frames are cut into pieces.
 */
export class Downmix {
  readonly #name: string;
  readonly #keepsMean: boolean;
  readonly #onNews: (news: ChannelNews) => void;
  readonly #choice: ChannelChoice | undefined;
  /** What was taken from the choice last. */
  #wanted: readonly number[] | undefined;
  /** The channels that are chosen, from 0 on. */
  #chosen: readonly number[];
  readonly #channels: number;
  readonly #rateHz: number;
  /** Samples of at most one window, full scale ±1. */
  readonly #window: Float64Array;
  #meter: ChannelMeter;
  #watch: CancellingWatch;
  readonly #windowFrames: number;
  #windowFilled = 0;
  #heard: readonly number[];

  /**
   * @param name of the source, in messages
   * @param onNews called when channels begin or cease to cancel each other
   * @throws SynestheteError OUT_OF_RANGE for a channel that the sound does not have
   */
  constructor(
    name: string,
    { channels, rateHz }: { readonly channels: number; readonly rateHz: number },
    { channels: fixed, choice, cancelling = 'louder' }: DownmixOptions,
    onNews: (news: ChannelNews) => void = () => undefined,
  ) {
    this.#wanted = choice?.channels ?? fixed;
    const missing = missingOf(this.#wanted, channels);
    if (missing !== undefined && choice?.mayLack !== true) {
      throw new SynestheteError('OUT_OF_RANGE', lackOf(name, channels, missing));
    }
    this.#name = name;
    this.#choice = choice;
    this.#keepsMean = cancelling === 'mean';
    this.#onNews = onNews;
    this.#channels = channels;
    this.#rateHz = rateHz;
    this.#windowFrames = Math.ceil(rateHz / WINDOWS_PER_SECOND);
    this.#window = new Float64Array(this.#windowFrames * channels);
    this.#chosen = this.#take(this.#wanted);
    this.#heard = this.#chosen;
    [this.#meter, this.#watch] = this.#metersOf(this.#chosen);
  }

  /** What each channel of the sound holds now, chosen or not. */
  get levels(): readonly ChannelLevel[] {
    return Array.from({ length: this.#channels }, (_, channel) => ({
      rms: this.#meter.rms(channel),
      peak: this.#meter.peak(channel),
      heard: this.#heard.includes(channel),
    }));
  }

  /** @returns one sample for each frame, full scale ±1; not checked to be finite. */
  push(frames: Frames): Float32Array {
    const mono = new Float32Array(frames.count);
    for (let at = 0; at < frames.count;) {
      const count = Math.min(this.#windowFrames - this.#windowFilled, frames.count - at);
      this.#mix(frames, at, mono.subarray(at, at + count));
      at += count;
      this.#windowFilled += count;
      if (this.#windowFilled === this.#windowFrames) this.#endWindow();
    }
    return mono;
  }

  /** Fills `mono` with the frames from `from` on, within one window. */
  #mix({ values, zero, full }: Frames, from: number, mono: Float32Array): void {
    const [window, channels, heard] = [this.#window, this.#channels, this.#heard];
    const samples = mono.length * channels;
    for (let i = 0, at = from * channels; i < samples; i++, at++) window[i] = values[at]! - zero;
    for (let frame = 0, at = 0; frame < mono.length; frame++, at += channels) {
      let sum = 0;
      for (let i = 0; i < heard.length; i++) sum += window[at + heard[i]!]!;
      mono[frame] = sum / (full * heard.length);
    }
    for (let i = 0; i < samples; i++) window[i]! /= full;
    this.#meter.push(window, mono.length);
  }

  /** The chosen channels, from 0 on; all of them, and news of that, where one is missing. */
  #take(wanted: readonly number[] | undefined): readonly number[] {
    const missing = missingOf(wanted, this.#channels);
    if (missing !== undefined) {
      const message = `${lackOf(this.#name, this.#channels, missing)}; all that there are are heard`;
      this.#onNews({ state: 'damaged', message });
    }
    return missing === undefined && wanted !== undefined
      ? wanted.map((channel) => channel - 1)
      : Array.from({ length: this.#channels }, (_, i) => i);
  }

  #metersOf(chosen: readonly number[]): [ChannelMeter, CancellingWatch] {
    const pairs = pairsOf(chosen);
    return [
      new ChannelMeter(this.#channels, pairs, this.#windowFrames, this.#rateHz),
      new CancellingWatch(pairs, this.#rateHz / this.#windowFrames),
    ];
  }

  /** Takes another choice up. */
  #follow(wanted: readonly number[] | undefined): void {
    this.#wanted = wanted;
    this.#chosen = this.#take(wanted);
    this.#heard = this.#chosen;
    [this.#meter, this.#watch] = this.#metersOf(this.#chosen);
    if (missingOf(wanted, this.#channels) !== undefined) return;
    const channels =
      wanted === undefined ? 'all channels' : `channel${wanted.length > 1 ? 's' : ''} ${wanted.join(', ')}`;
    this.#onNews({ state: 'delivering', message: `hearing ${channels} of ${this.#name}` });
  }

  #endWindow(): void {
    this.#windowFilled = 0;
    if (this.#choice !== undefined && this.#choice.channels !== this.#wanted) {
      this.#follow(this.#choice.channels);
      return;
    }
    const before = this.#watch.pairs;
    const hasChanged = this.#watch.judge(this.#meter);
    this.#meter.fade();
    if (!hasChanged) return;
    const now = this.#watch.pairs;
    if (!this.#keepsMean) this.#heard = heardOf(this.#chosen, now);
    const begun = now.find((pair) => !before.includes(pair));
    if (begun !== undefined) this.#onNews(this.#begunNews(begun));
    else if (now.length === 0) {
      this.#onNews({
        state: 'delivering',
        message: `the channels of ${this.#name} no longer cancel each other`,
      });
    }
  }

  #begunNews({ first, second, louder, correlation }: Cancelling): ChannelNews {
    const result = this.#keepsMean
      ? 'their mean is next to silence'
      : `only channel ${louder + 1} of them is heard until another lead or a balanced input is used`;
    return {
      state: 'damaged',
      message:
        `channels ${first + 1} and ${second + 1} of ${this.#name} cancel each other ` +
        `(correlation ${correlation.toFixed(2)}), as with a balanced lead in a stereo input: ${result}`,
      remedy: { kind: 'cancelling-channels', channel: louder + 1 },
    };
  }
}

function missingOf(wanted: readonly number[] | undefined, channels: number): number | undefined {
  return wanted?.find((channel) => channel > channels);
}

function lackOf(name: string, channels: number, missing: number): string {
  return channels === 1
    ? `${name} has one channel only, and no channel ${missing}`
    : `${name} has ${channels} channels, and no channel ${missing}: choose from 1 to ${channels}`;
}

/** All pairs of channels: a lead may be plugged anywhere. */
function pairsOf(channels: readonly number[]): ChannelPair[] {
  return channels.flatMap((first, i) => channels.slice(i + 1).map((second) => ({ first, second })));
}

/** Of each pair that cancels, the quieter channel is left out. */
function heardOf(chosen: readonly number[], cancelling: readonly Cancelling[]): readonly number[] {
  const left = new Set<number>();
  for (const { first, second, louder } of cancelling) {
    if (left.has(first) || left.has(second)) continue;
    left.add(louder === first ? second : first);
  }
  return chosen.filter((channel) => !left.has(channel));
}
