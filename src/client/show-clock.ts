/** The best of so long is kept for so long again: two clocks drift apart by milliseconds in that time. */
const STRETCH_SECONDS = 30;
/** A show's time that fell back so far began again, as a replay does. */
const BEGAN_AGAIN_SECONDS = 2;

/**
 * The clock of a show beside that of this machine. A state that comes later than others tells an offset that is too small by its
 * delay on the way: the largest one of the last half minute or minute is nearest to the truth, short of it by the shortest delay.
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
