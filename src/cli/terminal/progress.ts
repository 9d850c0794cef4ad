import { Presets, SingleBar } from 'cli-progress';

/** Time between two lines where standard error is no terminal, as in a log. */
const LINE_MS = 10_000;
/** Time between two drawings of a line on a terminal. */
const REDRAW_MS = 500;

/** The clock of a progress, so that tests can bring their own. */
export interface ProgressClock {
  nowMs(): number;
  /** @returns what ends it */
  every(ms: number, tick: () => void): () => void;
}

const CLOCK: ProgressClock = {
  nowMs: () => performance.now(),
  every(ms, tick) {
    const timer = setInterval(tick, ms);
    timer.unref();
    return () => {
      clearInterval(timer);
    };
  },
};

export interface ProgressOptions {
  /** How many there are in all; unknown by default. */
  readonly total?: number;
  /** Whether a terminal shows it: false where lines of standard output go to the same terminal and would tear it. */
  readonly onTerminal?: boolean;
  readonly stream?: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly clock?: ProgressClock;
}

/**
 * Shows on standard error how far a long command has come: on a terminal a bar (or, without a total, a line) that is
 * redrawn and removed at the end; elsewhere a line every 10 s, so that a log shows the command is alive. All commands
 * use it.
 */
export class Progress {
  readonly #what: string;
  readonly #stream: NonNullable<ProgressOptions['stream']>;
  readonly #clock: ProgressClock;
  readonly #onTerminal: boolean;
  readonly #startedAtMs: number;
  readonly #endLines: () => void;
  #total: number | undefined;
  #done = 0;
  /** Where counting began: earlier items say nothing about the speed. */
  #first: number | undefined;
  #tail = '';
  #bar: SingleBar | undefined;
  #drawnAtMs = -Infinity;

  /** @param what is counted, as `files`. */
  constructor(what: string, options: ProgressOptions = {}) {
    this.#what = what;
    this.#total = options.total;
    this.#stream = options.stream ?? process.stderr;
    this.#clock = options.clock ?? CLOCK;
    this.#startedAtMs = this.#clock.nowMs();
    const isTerminal = this.#stream.isTTY === true;
    this.#onTerminal = isTerminal && options.onTerminal !== false;
    this.#endLines = isTerminal
      ? () => undefined
      : this.#clock.every(LINE_MS, () => {
          this.#stream.write(`synesthete: ${this.#text()}\n`);
        });
    if (this.#total !== undefined) this.#draw();
  }

  /** One more is done. */
  step(): void {
    this.update(this.#done + 1);
  }

  /**
   * Sets how many are done.
   * @param tail text after the count, instead of the time that is left
   */
  update(done: number, { total, tail }: { readonly total?: number; readonly tail?: string } = {}): void {
    this.#first ??= Math.max(0, done - 1);
    this.#done = done;
    if (total !== undefined) this.#total = total;
    if (tail !== undefined) this.#tail = tail;
    this.#draw();
  }

  /** Makes room for a line; the next update is drawn below it. */
  pause(): void {
    this.#bar?.stop();
    this.#bar = undefined;
    if (this.#onTerminal && this.#total === undefined && this.#drawnAtMs !== -Infinity) {
      this.#stream.write('\r\x1b[2K');
      this.#drawnAtMs = -Infinity;
    }
  }

  /** Removes it. */
  stop(): void {
    this.pause();
    this.#endLines();
  }

  #draw(): void {
    if (!this.#onTerminal) return;
    if (this.#total === undefined) {
      const now = this.#clock.nowMs();
      if (now - this.#drawnAtMs < REDRAW_MS) return;
      this.#drawnAtMs = now;
      this.#stream.write(`\r\x1b[2K${this.#text()}`);
      return;
    }
    if (this.#bar === undefined) {
      this.#bar = new SingleBar(
        { format: '{bar} {text}', stream: this.#stream, clearOnComplete: true, hideCursor: true },
        Presets.shades_classic,
      );
      this.#bar.start(this.#total, this.#done, { text: this.#text() });
    }
    this.#bar.setTotal(this.#total);
    this.#bar.update(this.#done, { text: this.#text() });
  }

  #text(): string {
    const done = this.#done.toFixed(0);
    const counted = this.#total === undefined ? done : `${done} of ${this.#total.toFixed(0)}`;
    const tail = this.#tail === '' ? this.#timeLeft() : this.#tail;
    return `${counted} ${this.#what}${tail === '' ? '' : `, ${tail}`}`;
  }

  #timeLeft(): string {
    const counted = this.#done - (this.#first ?? this.#done);
    if (this.#total === undefined || counted <= 0) return '';
    const seconds = (this.#clock.nowMs() - this.#startedAtMs) / 1000;
    return `${duration((seconds * (this.#total - this.#done)) / counted)} to go`;
  }
}

/** A time as people say it, to the minute once it is that long. */
export function duration(seconds: number): string {
  const minutes = Math.round(seconds / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min` : `${Math.round(seconds)} s`;
}
