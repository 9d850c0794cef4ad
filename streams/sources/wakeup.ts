/** Lets one loop wait for a report. A report that comes while nobody waits ends the next wait at once. */
export class Wakeup {
  #isDue = false;
  #wake: (() => void) | undefined;

  report(): void {
    this.#isDue = true;
    this.#wake?.();
  }

  forget(): void {
    this.#isDue = false;
  }

  /** Resolves with whether a report came; false when `signal` is aborted first. */
  async wait(signal: AbortSignal): Promise<boolean> {
    if (!this.#isDue && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          signal.removeEventListener('abort', done);
          resolve();
        };
        this.#wake = done;
        signal.addEventListener('abort', done, { once: true });
      });
      this.#wake = undefined;
    }
    if (signal.aborted) return false;
    this.#isDue = false;
    return true;
  }
}
