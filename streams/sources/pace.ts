import { SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import { SynestheteError } from '../../models/errors.ts';
import type { Clock } from './clock.ts';

/**
 * How fast recorded sound is given out: a multiple of real time (1 is as it was played), or `consumed`: as fast as
 * it is taken.
 */
export type Pace = number | 'consumed';

/** @throws SynestheteError USAGE unless the pace is `consumed` or a positive number. */
export function checkPace(pace: Pace): Pace {
  if (pace === 'consumed' || (Number.isFinite(pace) && pace > 0)) return pace;
  throw new SynestheteError(
    'USAGE',
    `the pace ${String(pace)} is not one: give a positive multiple of real time, or "consumed"`,
  );
}

/**
 * Holds recorded sound back until the moment at which it would have been heard. Every wait is reckoned from the first
 * sample, not from the wait before, so that nothing drifts; sound that comes late is given out at once.
 */
export class Pacer {
  readonly #clock: Clock;
  readonly #pace: Pace;
  #firstSampleAtMs: number | undefined;

  constructor(clock: Clock, pace: Pace) {
    this.#clock = clock;
    this.#pace = checkPace(pace);
  }

  /** Resolves when the sample before position `endSample` would have been heard. */
  async until(endSample: number, signal: AbortSignal): Promise<void> {
    if (this.#pace === 'consumed') return;
    this.#firstSampleAtMs ??= this.#clock.nowMs();
    const dueMs = this.#firstSampleAtMs + (1000 * endSample) / (SAMPLE_RATE_HZ * this.#pace);
    const waitMs = dueMs - this.#clock.nowMs();
    if (waitMs > 0) await this.#clock.sleep(waitMs, signal);
  }
}
