import type { ChannelMeter, ChannelPair } from './channel-meter.ts';

/** Channels that cancel each other: one is the other upside down, so that their mean is next to nothing. */
export interface Cancelling extends ChannelPair {
  /** The one of the two that was louder when it began. */
  readonly louder: number;
  readonly correlation: number;
}

/** A balanced lead in a stereo jack has −1; real music, wide as it may be, stays above −0.8 for all but moments. */
const CANCELS_BELOW = -0.9;
const OVER_ABOVE = -0.5;
/** A channel that is quieter by more than 12 dB takes little from the louder one. */
const LEAST_RATIO = 10 ** (-12 / 20);
/** Below −70 dB there is nothing to judge by. */
const SILENT_RMS = 10 ** (-70 / 20);
/** Single effects pass; a wrong lead stays. */
const BEGINS_AFTER_SECONDS = 1;
const ENDS_AFTER_SECONDS = 2;

/** Watches pairs of channels, a window at a time, for those that cancel each other. */
export class CancellingWatch {
  readonly #pairs: readonly ChannelPair[];
  readonly #beginsAfter: number;
  readonly #endsAfter: number;
  /** Windows for which each pair has been on the other side. */
  readonly #turning: Uint32Array;
  readonly #now: (Cancelling | undefined)[];

  constructor(pairs: readonly ChannelPair[], windowsPerSecond: number) {
    this.#pairs = pairs;
    this.#beginsAfter = Math.ceil(BEGINS_AFTER_SECONDS * windowsPerSecond);
    this.#endsAfter = Math.ceil(ENDS_AFTER_SECONDS * windowsPerSecond);
    this.#turning = new Uint32Array(pairs.length);
    this.#now = pairs.map(() => undefined);
  }

  /** The pairs that cancel now. */
  get pairs(): readonly Cancelling[] {
    return this.#now.filter((pair) => pair !== undefined);
  }

  /** A window is complete. @returns whether a pair has begun or ceased to cancel. */
  judge(meter: ChannelMeter): boolean {
    let hasChanged = false;
    for (const [index, { first, second }] of this.#pairs.entries()) {
      const [a, b] = [meter.rms(first), meter.rms(second)];
      if (Math.max(a, b) < SILENT_RMS) continue;
      const correlation = meter.correlation(index);
      const areAlike = Math.min(a, b) >= LEAST_RATIO * Math.max(a, b);
      const isCancelling = this.#now[index] !== undefined;
      const turns = isCancelling
        ? !areAlike || correlation > OVER_ABOVE
        : areAlike && correlation < CANCELS_BELOW;
      this.#turning[index] = turns ? this.#turning[index]! + 1 : 0;
      if (this.#turning[index] < (isCancelling ? this.#endsAfter : this.#beginsAfter)) continue;
      this.#turning[index] = 0;
      this.#now[index] = isCancelling
        ? undefined
        : { first, second, louder: b > a ? second : first, correlation };
      hasChanged = true;
    }
    return hasChanged;
  }
}
