import { SynestheteError } from '../../models/errors.ts';
import { isShortage, startFailure } from '../../models/start-process.ts';
import { startChild } from './child.ts';
import { systemClock, type Clock } from './clock.ts';
import { findBackend } from './devices/backends.ts';
import { chooseDevice, type BackendName, type CaptureBackend, type Device } from './devices/device.ts';
import type { DownmixOptions } from './downmix.ts';
import { Stretches } from './stretches.ts';
import { eventsOf, type Emit } from './run.ts';
import type { BadSamples } from './samples.ts';
import type { Source, SourceStatus } from './source.ts';
import { OVERDUE, within } from './watch.ts';

export interface DeviceSourceOptions extends DownmixOptions {
  /** How to reach the device; what this machine has, unless set. */
  readonly backend?: BackendName | CaptureBackend;
  /** `silence` unless set: a show goes on. */
  readonly badSamples?: BadSamples;
  readonly clock?: Clock;
}

/** A working device delivers every few milliseconds; after this silence it is lost. */
const LOST_AFTER_MS = 1500;

/** Opening may take longer on a busy machine; after this time it is tried again. */
const OPENED_WITHIN_MS = 5000;

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;

/** Delivering this long resets the pauses. */
const RECOVERED_AFTER_MS = 2000;

/** What the shell that guards a capture program returns when it finds no such program, or may not start it. */
const NOT_STARTED: ReadonlySet<number | null> = new Set([126, 127]);

const PACKAGES: Readonly<Record<string, string>> = { parec: 'pulseaudio-utils', arecord: 'alsa-utils' };

function missing(program: string, name: string): SynestheteError {
  return new SynestheteError(
    'PROGRAM_MISSING',
    `${program} is needed to hear ${name}, but can't be started: install ${PACKAGES[program] ?? 'it'}`,
  );
}

/**
 * All devices that sound can be captured from.
 *
 * @param onNote hears why they are reached in another way than usual, such as a sound server that does not answer.
 * @throws SynestheteError PROGRAM_MISSING, DEVICE_NOT_FOUND.
 */
export async function listDevices(
  backend?: BackendName,
  onNote: (note: string) => void = () => undefined,
): Promise<Device[]> {
  const found = await findBackend(backend);
  if (found.note !== undefined) onNote(found.note);
  return found.list();
}

/**
 * The device that `name` means, as `deviceSource` finds it.
 * @throws SynestheteError PROGRAM_MISSING, DEVICE_NOT_FOUND (which names those that exist).
 */
export async function findDevice(name: string, backend?: BackendName): Promise<Device> {
  return chooseDevice(await listDevices(backend), name);
}

/**
 * Live sound of the device that `name` means (see chooseDevice: its name, its description, a part of them, `default`,
 * `monitor`). It never completes. When the device stops delivering, disappears, or the sound system offers another in
 * its stead, the source says `lost` within 2 s and gives a gap, tries again by the same name with growing pauses
 * (0.25 s to 5 s, `retrying`), and goes on by itself, `delivering`, its position moved on by what was missed.
 *
 * Digital silence is sound: it is passed on, and reported as `silent` after 5 s.
 *
 * Errors, only before any sound came: PROGRAM_MISSING, DEVICE_NOT_FOUND (which names those that exist).
 */
export function deviceSource(name: string, options: DeviceSourceOptions = {}): Source {
  return {
    name,
    kind: 'device',
    events: eventsOf((emit, signal) => new DeviceCapture(name, options, emit, signal).run()),
  };
}

class DeviceCapture {
  readonly #name: string;
  readonly #options: DeviceSourceOptions;
  readonly #emit: Emit;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #stretches: Stretches;
  #state: SourceStatus['state'] | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #everHeard = false;

  constructor(name: string, options: DeviceSourceOptions, emit: Emit, signal: AbortSignal) {
    this.#name = name;
    this.#options = options;
    this.#emit = emit;
    this.#signal = signal;
    this.#clock = options.clock ?? systemClock;
    this.#stretches = new Stretches(name, options.badSamples ?? 'silence', emit, options);
  }

  async run(): Promise<never> {
    const { backend: wanted } = this.#options;
    const backend = typeof wanted === 'object' ? wanted : await findBackend(wanted);
    let device = chooseDevice(await backend.list(), this.#name);
    for (;;) {
      this.#signal.throwIfAborted();
      const reason = await this.#capture(backend, device);
      this.#signal.throwIfAborted();
      this.#tellLost(reason);
      this.#stretches.end(reason);
      device = await this.#findAgain(backend, reason);
    }
  }

  /** Waits, longer each time, until the device is there. */
  async #findAgain(backend: CaptureBackend, reason: string): Promise<Device> {
    for (;;) {
      await this.#clock.sleep(this.#pauseMs, this.#signal);
      this.#signal.throwIfAborted();
      this.#tell('retrying', `looking for ${this.#name} again after ${this.#pauseMs / 1000} s (${reason})`);
      this.#pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * this.#pauseMs);
      try {
        return chooseDevice(await backend.list(), this.#name);
      } catch (error) {
        // Not there yet, or the sound system itself is away.
        if (!(error instanceof SynestheteError)) throw error;
      }
    }
  }

  /** Gives out what the device delivers. @returns why it stopped. */
  async #capture(backend: CaptureBackend, device: Device): Promise<string> {
    const capture = await backend.capture(device, Math.max(1, ...(this.#options.channels ?? [])));
    const closing = new AbortController();
    let movedTo: string | undefined;
    let complaint: string | undefined;
    let lostMs = 0;
    const child = startChild(capture.program, capture.args, {
      signal: AbortSignal.any([this.#signal, closing.signal]),
      ...(capture.env === undefined ? {} : { env: capture.env }),
      guarded: true,
      onErrorLine: (line) => {
        const notice = capture.notice(line);
        if (notice?.kind === 'complaint') complaint = notice.text;
        if (notice?.kind === 'overrun') lostMs += notice.lostMs;
        if (notice?.kind !== 'listening' || notice.device === device.address) return;
        movedTo = notice.device;
        closing.abort();
      },
    });
    const bytes = child.stdout[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
    const startedAtMs = this.#clock.nowMs();
    let came = false;
    this.#stretches.begin(capture.format);
    try {
      for (;;) {
        const come = await this.#next(bytes, came);
        if (come === OVERDUE) return 'no sound arrives from it';
        this.#signal.throwIfAborted();
        if (closing.signal.aborted || come.done === true) break;
        if (lostMs > 0) {
          this.#stretches.skip(lostMs, `${this.#name} was not read in time: ${lostMs.toFixed(0)} ms lost`);
          lostMs = 0;
        }
        if (!came) this.#tellDelivering(device, backend.note);
        came = true;
        this.#everHeard = true;
        this.#deliver(come.value, startedAtMs);
      }
      // It ends by itself, or has been ended: what it says last is why.
      const { code, failure } = await child.ended;
      if (isShortage(failure)) return startFailure(capture.program, failure).message;
      const notStarted = failure !== undefined || NOT_STARTED.has(code);
      if (notStarted && !this.#everHeard) throw missing(capture.program, this.#name);
      if (movedTo !== undefined) return `it is gone (${movedTo} was offered instead)`;
      return complaint ?? `${capture.program} ended${code === null ? '' : ` with code ${code}`}`;
    } finally {
      closing.abort();
      await child.ended;
    }
  }

  #deliver(bytes: Uint8Array, startedAtMs: number): void {
    const nowMs = this.#clock.nowMs();
    const change = this.#stretches.push(bytes, nowMs);
    if (change === 'silent') this.#tell('silent', `${this.#name} delivers nothing but silence: is it muted?`);
    if (change === 'sound') this.#tell('delivering', `${this.#name} is heard again`);
    if (nowMs - startedAtMs > RECOVERED_AFTER_MS) this.#pauseMs = FIRST_PAUSE_MS;
  }

  /** The next bytes. Reports an opening that takes long. */
  async #next(
    bytes: AsyncIterator<Uint8Array>,
    delivered: boolean,
  ): Promise<IteratorResult<Uint8Array> | typeof OVERDUE> {
    const coming = bytes.next().catch((): IteratorResult<Uint8Array> => ({ done: true, value: undefined }));
    const come = await within(coming, LOST_AFTER_MS, this.#clock, this.#signal);
    if (come !== OVERDUE || delivered || this.#signal.aborted) return come;
    this.#tellLost('nothing has come from it yet');
    return within(coming, OPENED_WITHIN_MS - LOST_AFTER_MS, this.#clock, this.#signal);
  }

  #tellDelivering({ name, description, rateHz, channels }: Device, note?: string): void {
    const called = description === name ? name : `${name} (${description})`;
    const format = rateHz === undefined ? '' : `, ${rateHz} Hz, ${channels ?? '?'} channels`;
    this.#tell('delivering', `hearing ${called}${format}${note === undefined ? '' : ` (${note})`}`);
  }

  /** Once for each loss, however many attempts fail. */
  #tellLost(reason: string): void {
    if (this.#state === 'lost' || this.#state === 'retrying') return;
    this.#tell('lost', `${this.#name} is lost: ${reason}`);
  }

  #tell(state: SourceStatus['state'], message: string): void {
    this.#state = state;
    this.#emit({ kind: 'status', state, message });
  }
}
