import type { Clock } from '../../../../streams/sources/clock.ts';

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** A clock that stands still until a test moves it. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #sleepers: Sleeper[] = [];
  #onSleep: (() => void) | undefined;

  nowMs(): number {
    return this.#nowMs;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        dueMs: this.#nowMs + ms,
        wake: () => {
          this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
          signal.removeEventListener('abort', sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.push(sleeper);
      signal.addEventListener('abort', sleeper.wake);
      if (signal.aborted) sleeper.wake();
      this.#onSleep?.();
    });
  }

  /** Moves on by `ms` and wakes, in their order, all whose time has come. */
  advance(ms: number): void {
    const until = this.#nowMs + ms;
    for (;;) {
      const next = this.#sleepers.toSorted((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined || next.dueMs > until) break;
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.wake();
    }
    this.#nowMs = until;
  }

  /** Resolves when somebody sleeps, at once if somebody does already. */
  asleep(): Promise<void> {
    if (this.#sleepers.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onSleep = () => {
        this.#onSleep = undefined;
        resolve();
      };
    });
  }

  /** Lets time run as fast as the sleepers allow: nobody ever waits. */
  runFreely(): void {
    this.#onSleep = () => {
      queueMicrotask(() => {
        const next = this.#sleepers.toSorted((a, b) => a.dueMs - b.dueMs)[0];
        if (next !== undefined) this.advance(Math.max(0, next.dueMs - this.#nowMs));
      });
    };
    this.#onSleep();
  }
}
