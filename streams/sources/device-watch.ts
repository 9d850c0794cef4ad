import { SynestheteError } from '../../models/errors.ts';
import type { Clock } from './clock.ts';
import type { CaptureBackend, Device } from './devices/device.ts';
import { Wakeup } from './wakeup.ts';

/** Which devices there are, and what a sound system announces of them. */
export class DeviceWatch {
  readonly #backend: CaptureBackend;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #appeared = new Wakeup();
  readonly #changed = new Wakeup();

  /** Watches until `signal` is aborted. */
  constructor(backend: CaptureBackend, clock: Clock, signal: AbortSignal) {
    this.#backend = backend;
    this.#clock = clock;
    this.#signal = signal;
    void backend.watch?.((change) => {
      if (change === 'appeared') this.#appeared.report();
      this.#changed.report();
    }, signal);
  }

  get isAnnouncing(): boolean {
    return this.#backend.watch !== undefined;
  }

  /** @returns undefined while the sound system does not answer. */
  async list(): Promise<readonly Device[] | undefined> {
    try {
      return await this.#backend.list();
    } catch (error) {
      if (error instanceof SynestheteError) return undefined;
      throw error;
    }
  }

  /** Waits until something changes. @returns false when `signal` is aborted first */
  change(signal: AbortSignal): Promise<boolean> {
    return this.#changed.wait(signal);
  }

  /** Devices that have appeared until now don't end the next pause. */
  forgetAppeared(): void {
    this.#appeared.forget();
  }

  /** @returns whether it ended early, as a device appeared. */
  async pause(ms: number, signal = this.#signal): Promise<boolean> {
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    try {
      return await Promise.race([
        this.#clock.sleep(ms, either).then(() => false),
        this.#appeared.wait(either),
      ]);
    } finally {
      over.abort();
    }
  }
}
