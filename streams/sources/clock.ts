/** A clock that never jumps back. Sources take one, so that tests can run a day of sound in a moment. */
export interface Clock {
  /** Milliseconds since a fixed but arbitrary moment; the real clock's is that of `performance.now()`. */
  nowMs(): number;
  /** Resolves once `ms` have gone by, or at once when `signal` is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** `performance.now()` and timers. */
export const systemClock: Clock = {
  nowMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
    }),
};
