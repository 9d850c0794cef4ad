import type { DisplayReport, Group, ShowMessage } from '../protocol/index.ts';
import type { FailureLog } from '../quiet-log.ts';
import type { Clients } from './clients.ts';
import { FAULTS, faultIn, type DisplayFault } from './display-health.ts';
import type { DisplayInfo } from './display.ts';

const LOOK_EVERY_MS = 1000;
/** A display whose connection broke is listed as gone for this time, unless it comes back. */
const GONE_FOR_MS = 600_000;
const MOST_GONE = 32;
/** Displays that one line of the log names. */
const MOST_NAMED = 5;
const LOG_EVERY_MS = 60_000;

export const HEALTH_STATES = ['good', 'new', 'bad', 'gone'] as const;

/** How a display is doing, for people. */
export interface DisplayHealth {
  /** `new` until the first good report, for as long as there may be none. */
  readonly state: (typeof HEALTH_STATES)[number];
  /** What is wrong; null when nothing is. */
  readonly why: string | null;
  /** Since the last good report; null before the first. */
  readonly goodSecondsAgo: number | null;
}

/** A display, and what it says about its screen. */
export interface WatchedDisplay extends DisplayInfo {
  readonly health: DisplayHealth;
  readonly report: DisplayReport | null;
}

interface Screen {
  readonly sinceMs: number;
  report: WatchedDisplay['report'];
  fault: DisplayFault | undefined;
  goodAtMs: number | undefined;
  reportedAtMs: number | undefined;
}

interface Gone {
  readonly display: DisplayInfo;
  readonly screen: Screen;
  readonly atMs: number;
}

export interface DisplayWatchOptions {
  readonly clients: Clients;
  /** What a group of displays is asked to show; undefined before the first state. */
  readonly asked: (group: Group) => ShowMessage['show'] | undefined;
  /** After this time without a good report a display is bad. */
  readonly badAfterMs: number;
  readonly log: FailureLog;
  readonly nowMs?: () => number;
}

/**
 * Watches what displays report. A report counts as good when it has no error and shows what was asked for; a display
 * without one for 10 s is bad: in /api/clients, in /metrics and, one line a minute for each fault, in the log.
 */
export class DisplayWatch {
  readonly #options: DisplayWatchOptions;
  readonly #nowMs: () => number;
  readonly #screens = new WeakMap<DisplayInfo, Screen>();
  /** Displays that failed, by who they were. */
  readonly #gone = new Map<string, Gone>();
  /** Of each fault the displays that the log named, and when. */
  readonly #logged = new Map<DisplayFault, { atMs: number; known: Set<string> }>();
  readonly #looking: NodeJS.Timeout;

  constructor(options: DisplayWatchOptions) {
    this.#options = options;
    this.#nowMs = options.nowMs ?? (() => performance.now());
    this.#looking = setInterval(() => {
      this.look();
    }, LOOK_EVERY_MS);
    this.#looking.unref();
  }

  close(): void {
    clearInterval(this.#looking);
  }

  /** Takes the report of a display. */
  take(display: DisplayInfo, report: DisplayReport): void {
    const nowMs = this.#nowMs();
    const screen = this.#screenOf(display);
    screen.report = report;
    screen.reportedAtMs = nowMs;
    screen.fault = faultIn(report, this.#options.asked(display.group ?? 'main'));
    if (screen.fault !== undefined) return;
    screen.goodAtMs = nowMs;
    this.#gone.delete(identityOf(display));
  }

  /** Call it after a client has left. @param hasFailed whether its connection broke, without a farewell */
  leave(display: DisplayInfo, hasFailed: boolean): void {
    const screen = this.#screens.get(display);
    if (!hasFailed || display.role !== 'display' || screen?.goodAtMs === undefined) return;
    const identity = identityOf(display);
    // It has come back already, before its old connection ended.
    if (this.#displays().some((other) => identityOf(other) === identity)) return;
    this.#gone.delete(identity);
    this.#gone.set(identity, { display, screen, atMs: this.#nowMs() });
    for (const oldest of this.#gone.keys()) {
      if (this.#gone.size <= MOST_GONE) break;
      this.#gone.delete(oldest);
    }
  }

  /** All displays: those that are gone, then the others in the order in which they came. */
  list(): WatchedDisplay[] {
    const nowMs = this.#nowMs();
    return [
      ...[...this.#gone.values()].map(({ display, screen }) => ({
        ...display,
        report: screen.report,
        health: { state: 'gone', why: FAULTS.gone, goodSecondsAgo: since(screen.goodAtMs, nowMs) } as const,
      })),
      ...this.#displays().map((display) => this.#watched(display, nowMs)),
    ];
  }

  /** How many displays are in each state. */
  counts(): Readonly<Record<DisplayHealth['state'], number>> {
    const nowMs = this.#nowMs();
    const counts = { good: 0, new: 0, bad: 0, gone: this.#gone.size };
    for (const display of this.#displays()) {
      const fault = this.#faultOf(this.#screenOf(display), nowMs);
      counts[fault === undefined || fault === 'new' ? (fault ?? 'good') : 'bad']++;
    }
    return counts;
  }

  /** Logs what has become bad, and forgets who is gone for long. */
  look(): void {
    const nowMs = this.#nowMs();
    for (const [identity, { atMs }] of this.#gone) {
      if (nowMs - atMs > GONE_FOR_MS) this.#gone.delete(identity);
    }
    const bad = new Map<DisplayFault, Map<string, string>>();
    const add = (fault: DisplayFault, key: string, name: string): void => {
      const known = bad.get(fault);
      if (known === undefined) bad.set(fault, new Map([[key, name]]));
      else known.set(key, name);
    };
    for (const [identity, { display }] of this.#gone) add('gone', identity, nameOf(display));
    for (const display of this.#displays()) {
      const screen = this.#screenOf(display);
      const fault = this.#faultOf(screen, nowMs);
      if (fault === undefined || fault === 'new') continue;
      const error = fault === 'error' ? `: ${screen.report?.error ?? ''}` : '';
      add(fault, display.id, `${nameOf(display)}${error}`);
    }
    for (const fault of Object.keys(FAULTS) as DisplayFault[]) this.#logFault(fault, bad.get(fault), nowMs);
  }

  #logFault(fault: DisplayFault, bad: ReadonlyMap<string, string> | undefined, nowMs: number): void {
    const logged = this.#logged.get(fault);
    // What is whole again is news when it fails once more.
    for (const key of logged?.known ?? []) if (bad?.has(key) !== true) logged?.known.delete(key);
    if (bad === undefined) return;
    const isNews = [...bad.keys()].some((key) => logged?.known.has(key) !== true);
    if (!isNews || (logged !== undefined && nowMs - logged.atMs < LOG_EVERY_MS)) return;
    this.#logged.set(fault, { atMs: nowMs, known: new Set(bad.keys()) });
    const names = [...bad.values()].slice(0, MOST_NAMED).join(', ');
    const more = bad.size > MOST_NAMED ? ` and ${bad.size - MOST_NAMED} more` : '';
    this.#options.log(`display ${fault}`, `${FAULTS[fault]}: display ${names}${more}`);
  }

  #displays(): DisplayInfo[] {
    return this.#options.clients.list().filter(({ role }) => role === 'display');
  }

  #watched(display: DisplayInfo, nowMs: number): WatchedDisplay {
    const screen = this.#screenOf(display);
    const fault = this.#faultOf(screen, nowMs);
    const { report } = screen;
    const goodSecondsAgo = since(screen.goodAtMs, nowMs);
    if (fault === undefined || fault === 'new') {
      return { ...display, report, health: { state: fault ?? 'good', why: null, goodSecondsAgo } };
    }
    const why = fault === 'error' ? (report?.error ?? FAULTS.error) : FAULTS[fault];
    return { ...display, report, health: { state: 'bad', why, goodSecondsAgo } };
  }

  /** undefined for a display that is well. */
  #faultOf(screen: Screen, nowMs: number): DisplayFault | 'new' | undefined {
    const { badAfterMs } = this.#options;
    const { goodAtMs, sinceMs, fault, reportedAtMs } = screen;
    if (goodAtMs !== undefined && nowMs - goodAtMs <= badAfterMs) return undefined;
    if (goodAtMs === undefined && nowMs - sinceMs <= badAfterMs) return 'new';
    return reportedAtMs === undefined ? 'silent' : (fault ?? 'silent');
  }

  #screenOf(display: DisplayInfo): Screen {
    const known = this.#screens.get(display);
    if (known !== undefined) return known;
    const screen: Screen = {
      sinceMs: this.#nowMs(),
      report: null,
      fault: undefined,
      goodAtMs: undefined,
      reportedAtMs: undefined,
    };
    this.#screens.set(display, screen);
    return screen;
  }
}

/** Who a display is over several connections: its name and group, and without a name its address. */
function identityOf({ name, address, group }: DisplayInfo): string {
  return JSON.stringify([name ?? null, name === null ? address : null, group]);
}

function nameOf({ name, group, address }: DisplayInfo): string {
  return `${name === null ? 'without a name' : `"${name}"`} (group ${group ?? 'main'}, ${address})`;
}

function since(atMs: number | undefined, nowMs: number): number | null {
  return atMs === undefined ? null : Math.max(0, (nowMs - atMs) / 1000);
}
