import { captureFrom, LOST_AFTER_MS, OPENED_WITHIN_MS } from './capture.ts';
import type { Clock } from './clock.ts';
import { DeviceNews } from './device-news.ts';
import { DeviceWatch } from './device-watch.ts';
import { titleOf, type CaptureBackend, type Device } from './devices/device.ts';
import { PreferredDevices, type Choice } from './devices/preferred.ts';
import type { DownmixOptions } from './downmix.ts';
import type { Emit } from './run.ts';
import type { BadSamples } from './samples.ts';
import { SteadyWatch } from './steady-watch.ts';
import { Stretches } from './stretches.ts';

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5000;

/** Delivering this long resets the pauses. */
const RECOVERED_AFTER_MS = 2000;

/** A device that blinks is waited for before a fallback is heard. */
const FALLBACK_AFTER_MS = 1000;

/** What goes with a change of the system's default, such as the end of a device, has happened after this time. */
const SETTLED_AFTER_MS = 500;

/** The system's choices are not followed until a device is back this long: it may be putting them in order itself. */
const RESTORED_AFTER_MS = 3000;

/** After a stream was moved, what that goes with has happened after this time. */
const MOVED_AFTER_MS = 100;
/** A device whose stream is moved away this often, each time at once, counts as lost. */
const MOST_MOVES = 3;

interface ListeningOptions extends DownmixOptions {
  readonly backend: CaptureBackend;
  readonly badSamples?: BadSamples;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

const FOLLOWED = ': the system chose it';

/** How hearing a device ended: with another one that is heard instead, or with its loss. */
type HearingEnd =
  { readonly next: Choice; readonly why: string } | { readonly next?: undefined; readonly reason: string };

/** Hears a device, waits for it when it is lost, and hears fallbacks meanwhile: see `deviceSource`. */
export class DeviceListening {
  readonly #options: ListeningOptions;
  readonly #signal: AbortSignal;
  readonly #clock: Clock;
  readonly #stretches: Stretches;
  readonly #preferred: PreferredDevices;
  readonly #steady: SteadyWatch;
  readonly #news: DeviceNews;
  readonly #watch: DeviceWatch;
  #pauseMs = FIRST_PAUSE_MS;
  #everHeard = false;
  /** How often a stream was moved soon after it began, in a row. */
  #moves = 0;
  /** When sound came last, before a loss that is not over. */
  #awaySinceMs: number | undefined;

  /** @param names of the device and of its fallbacks */
  constructor(names: readonly string[], options: ListeningOptions) {
    this.#options = options;
    this.#signal = options.signal;
    this.#clock = options.clock;
    this.#watch = new DeviceWatch(options.backend, options.clock, options.signal);
    this.#news = new DeviceNews(options.emit);
    this.#preferred = new PreferredDevices(names);
    this.#steady = new SteadyWatch(options.backend, options.clock);
    this.#stretches = new Stretches(names[0]!, options.badSamples ?? 'silence', options.emit, options);
  }

  async run(): Promise<never> {
    let choice = this.#preferred.begin(await this.#options.backend.list());
    let why = '';
    for (;;) {
      this.#signal.throwIfAborted();
      const end = await this.#hear(choice, why);
      this.#signal.throwIfAborted();
      if (end.next === undefined) {
        this.#news.lost(choice.device, end.reason);
        this.#stretches.end(end.reason);
        choice = await this.#findAgain(end.reason);
        why = '';
      } else {
        ({ next: choice, why } = end);
        this.#stretches.end(`now listening to ${titleOf(choice.device)}`);
      }
    }
  }

  /** Waits, longer each time, until the device or a fallback is there. */
  async #findAgain(reason: string): Promise<Choice> {
    this.#awaySinceMs ??= this.#clock.nowMs();
    this.#watch.forgetAppeared();
    for (;;) {
      const fallbackInMs = this.#awaySinceMs + FALLBACK_AFTER_MS - this.#clock.nowMs();
      const isSooner = this.#preferred.hasFallbacks && fallbackInMs > 0 && fallbackInMs < this.#pauseMs;
      const pauseMs = isSooner ? fallbackInMs : this.#pauseMs;
      const isAnnounced = await this.#watch.pause(pauseMs);
      this.#signal.throwIfAborted();
      if (!isAnnounced) {
        const { device, title } = this.#preferred.first;
        this.#news.tell(
          'retrying',
          `looking for ${title} again after ${Number((pauseMs / 1000).toFixed(2))} s (${reason})`,
          device,
        );
        if (!isSooner) this.#pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * this.#pauseMs);
      }
      const mayFallBack = this.#clock.nowMs() - this.#awaySinceMs >= FALLBACK_AFTER_MS;
      const devices = await this.#watch.list();
      const choice = devices && this.#preferred.next(devices, mayFallBack ? Infinity : 1);
      if (choice !== undefined) return choice;
    }
  }

  /** Gives out what the device delivers, until it is lost or another one is to be heard. */
  async #hear(choice: Choice, why: string): Promise<HearingEnd> {
    const { backend } = this.#options;
    const over = new AbortController();
    const signal = AbortSignal.any([this.#signal, over.signal]);
    const startedAtMs = this.#clock.nowMs();
    const isRecovery = this.#everHeard && this.#awaySinceMs !== undefined;
    const heard: {
      came: boolean;
      /** The operator wants more channels than the capture gives. */
      isTooNarrow: boolean;
      followed?: { readonly device: Device; readonly devices: readonly Device[] };
      better?: Choice;
      failure?: unknown;
    } = { came: false, isTooNarrow: false };
    let given = Infinity;
    const least = this.#leastChannelsOf(choice);
    const fail = (error: unknown) => {
      heard.failure = error;
      over.abort();
    };
    const isRestored = () => !isRecovery || this.#clock.nowMs() - startedAtMs > RESTORED_AFTER_MS;
    const begin = () => {
      this.#news.delivering(choice, this.#preferred.first.title, why, backend.note);
      this.#preferred.delivered(choice);
      heard.came = true;
      this.#everHeard = true;
      this.#awaySinceMs = undefined;
      void this.#followSystem(choice, signal, (device, devices) => {
        // Heard from its next sound on: a device that is going has none.
        if (isRestored()) heard.followed = { device, devices };
      }).catch(fail);
      if (choice.rank === 0) return;
      void this.#returnTo(choice, signal, (steady) => {
        heard.better = steady;
        over.abort();
      }).catch(fail);
    };
    try {
      const { reason, isMoved, missing } = await captureFrom(backend, choice.device, {
        clock: this.#clock,
        signal,
        leastChannels: least,
        openedWithinMs: this.#preferred.hasFallbacks ? LOST_AFTER_MS : OPENED_WITHIN_MS,
        onFormat: (format) => {
          given = format === 'wav' ? Infinity : format.channels;
          this.#stretches.begin(format, { name: titleOf(choice.device), mixing: this.#mixingOf(choice) });
        },
        onSlow: () => {
          this.#news.lost(choice.device, 'nothing has come from it yet');
        },
        onOverrun: (lostMs) => {
          const text = `${titleOf(choice.device)} was not read in time: ${lostMs.toFixed(0)} ms lost`;
          this.#stretches.skip(lostMs, text);
        },
        onBytes: (bytes) => {
          if (!heard.came) begin();
          this.#deliver(choice, bytes, startedAtMs);
          if (choice.rank === 0) this.#options.choice?.wasHeard();
          const wanted = this.#leastChannelsOf(choice);
          heard.isTooNarrow = wanted > least && wanted > given;
          if (heard.followed !== undefined || heard.isTooNarrow) over.abort();
        },
      });
      if (heard.failure !== undefined) throw heard.failure as Error;
      if (heard.better !== undefined) return { next: heard.better, why: ': it is back' };
      // A stream that was moved is one that the system's choice took along.
      if (heard.followed !== undefined && (over.signal.aborted || isMoved === true)) {
        this.#preferred.of(choice).follow(heard.followed.device, heard.followed.devices);
        return { next: { ...choice, device: heard.followed.device }, why: FOLLOWED };
      }
      if (heard.isTooNarrow) return { next: choice, why: ': more of its channels are wanted' };
      over.abort();
      if (isMoved === true && heard.came) {
        this.#moves = this.#clock.nowMs() - startedAtMs > RECOVERED_AFTER_MS ? 1 : this.#moves + 1;
        const moved = this.#moves > MOST_MOVES ? undefined : await this.#afterMove(choice, isRestored());
        if (moved !== undefined) return moved;
      }
      if (missing !== undefined && !this.#everHeard) throw missing;
      if (heard.came && choice.rank === 0) this.#steady.lost();
      if (!heard.came) this.#preferred.failed(choice);
      return { reason };
    } finally {
      over.abort();
    }
  }

  /**
   * PulseAudio moves a stream when the device goes, and when its default becomes another.
   * @returns what is heard next; undefined when the device is gone
   */
  async #afterMove(choice: Choice, mayFollow: boolean): Promise<HearingEnd | undefined> {
    await this.#clock.sleep(MOVED_AFTER_MS, this.#signal);
    const devices = await this.#watch.list();
    const present = devices?.find(({ id }) => id === choice.device.id);
    if (devices === undefined || present === undefined) return undefined;
    const wanted = this.#preferred.of(choice);
    const chosen = wanted.newSystemChoice(devices);
    if (chosen === undefined || !mayFollow) return { next: { ...choice, device: present }, why: '' };
    wanted.follow(chosen, devices);
    return { next: { ...choice, device: chosen }, why: FOLLOWED };
  }

  /** Numbers of channels mean something for the device that was asked for, not for those heard in its place. */
  #mixingOf({ rank, device }: Choice): DownmixOptions {
    const { channels, choice, cancelling } = this.#options;
    const always = { ...(cancelling !== undefined && { cancelling }) };
    if (rank > 0) return always;
    if (choice !== undefined) return { ...always, choice };
    const isAnother = this.#everHeard && device.channels !== undefined;
    const lacks = channels === undefined || (isAnother && Math.max(...channels) > device.channels);
    return lacks ? always : { ...always, channels };
  }

  #leastChannelsOf(heard: Choice): number {
    const { channels, choice } = this.#mixingOf(heard);
    return choice?.least ?? Math.max(1, ...(channels ?? []));
  }

  #deliver(choice: Choice, bytes: Uint8Array, startedAtMs: number): void {
    const { device } = choice;
    const nowMs = this.#clock.nowMs();
    const change = this.#stretches.push(bytes, nowMs);
    const title = titleOf(device);
    if (change === 'silent')
      this.#news.tell('silent', `${title} delivers nothing but silence: is it muted?`, device);
    if (change === 'sound') this.#news.tell('delivering', `${title} is heard again`, device);
    if (nowMs - startedAtMs > RECOVERED_AFTER_MS) this.#pauseMs = FIRST_PAUSE_MS;
  }

  /** Looks what the system chooses, whenever it announces a change. Where it announces nothing it is not followed. */
  async #followSystem(
    choice: Choice,
    signal: AbortSignal,
    onChoice: (device: Device, devices: readonly Device[]) => void,
  ): Promise<void> {
    if (!this.#watch.isAnnouncing) return;
    const wanted = this.#preferred.of(choice);
    let title = wanted.title;
    do {
      await this.#clock.sleep(SETTLED_AFTER_MS, signal);
      const devices = await this.#watch.list();
      if (signal.aborted || devices === undefined) continue;
      const chosen = wanted.newSystemChoice(devices);
      if (chosen !== undefined) onChoice(chosen, devices);
      else if (wanted.title !== title && this.#news.isDelivering) {
        this.#news.tell('delivering', `${title} is called ${wanted.title} now`, wanted.device);
      }
      title = wanted.title;
    } while (await this.#watch.change(signal));
  }

  /** While a fallback is heard: reports a better device once that delivers steadily. */
  async #returnTo(heard: Choice, signal: AbortSignal, onSteady: (better: Choice) => void): Promise<void> {
    while (!signal.aborted) {
      await this.#watch.pause(this.#steady.lookMs, signal);
      const devices = await this.#watch.list();
      if (devices === undefined) continue;
      for (const better of this.#preferred.present(devices, heard.rank)) {
        if (better.device.id === heard.device.id) continue;
        if (!(await this.#steady.delivers(better.device, signal))) continue;
        this.#preferred.delivered(better);
        this.#steady.returned();
        onSteady(better);
        return;
      }
    }
  }
}
