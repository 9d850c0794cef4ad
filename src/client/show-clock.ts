/**
 * Length of a window: the best offset of one window counts for the next as well. Two clocks drift apart by milliseconds
 * in that time.
 */
const STRETCH_SECONDS = 30;
/** A show whose time falls back this far has begun again, as a replay does. */
const BEGAN_AGAIN_SECONDS = 2;

/**
 * The clock of a show beside that of this machine. A state that was delayed gives an offset that is too small by its
 * delay: the largest offset of the last half minute to minute is nearest to the truth, too small by the shortest delay.
 */
export class ShowClock {
  #stretchBeganAt = -Infinity;
  #before = -Infinity;
  #best = -Infinity;

  /**
   * @param timeSeconds `time` of a state
   * @param nowSeconds when it came, by this machine's clock
   */
  hear(timeSeconds: number, nowSeconds: number): void {
    const offset = timeSeconds - nowSeconds;
    if (offset < Math.max(this.#before, this.#best) - BEGAN_AGAIN_SECONDS) {
      this.forget();
    }
    if (nowSeconds - this.#stretchBeganAt > STRETCH_SECONDS) {
      this.#stretchBeganAt = nowSeconds;
      this.#before = this.#best;
      this.#best = -Infinity;
    }
    this.#best = Math.max(this.#best, offset);
  }

  /** The show is another one. */
  forget(): void {
    this.#stretchBeganAt = this.#before = this.#best = -Infinity;
  }

  /** What to add to this machine's clock, in seconds; null before the first state. */
  get offsetSeconds(): number | null {
    const offset = Math.max(this.#before, this.#best);
    return Number.isFinite(offset) ? offset : null;
  }
}
