import { SynestheteError } from '../../models/errors.ts';
import { captureFrom } from './capture.ts';
import type { Clock } from './clock.ts';
import type { CaptureBackend, Device } from './devices/device.ts';

/** How long a device must deliver before it is heard again. */
const STEADY_MS = 3000;
const LONGEST_STEADY_MS = 60_000;
/** A device that is lost again this soon must deliver twice as long the next time. */
const LASTING_MS = 30_000;
/** Between two looks whether it is there. */
const LOOK_MS = 2000;

/** Tells whether a device that was lost is back for good, so that a show doesn't swing between it and its fallback. */
export class SteadyWatch {
  readonly #backend: CaptureBackend;
  readonly #clock: Clock;
  #steadyMs = STEADY_MS;
  #returnedAtMs: number | undefined;

  readonly lookMs = LOOK_MS;

  constructor(backend: CaptureBackend, clock: Clock) {
    this.#backend = backend;
    this.#clock = clock;
  }

  /** Listens to the device, and throws the sound away. @returns whether it delivered as long as it must. */
  async delivers(device: Device, signal: AbortSignal): Promise<boolean> {
    const over = new AbortController();
    let sinceMs: number | undefined;
    const found = { isSteady: false };
    try {
      await captureFrom(this.#backend, device, {
        clock: this.#clock,
        signal: AbortSignal.any([signal, over.signal]),
        onBytes: () => {
          sinceMs ??= this.#clock.nowMs();
          found.isSteady = this.#clock.nowMs() - sinceMs >= this.#steadyMs;
          if (found.isSteady) over.abort();
        },
      });
    } catch (error) {
      // What can't even be opened is not back, and disturbs nothing that is heard meanwhile.
      if (error instanceof SynestheteError) return false;
      throw error;
    }
    return found.isSteady && !signal.aborted;
  }

  /** The device is heard again. */
  returned(): void {
    this.#returnedAtMs = this.#clock.nowMs();
  }

  /** It is lost. */
  lost(): void {
    const lastedMs = this.#clock.nowMs() - (this.#returnedAtMs ?? -Infinity);
    this.#steadyMs = lastedMs < LASTING_MS ? Math.min(LONGEST_STEADY_MS, 2 * this.#steadyMs) : STEADY_MS;
  }
}
