import type { Report } from '../../src/client/index.ts';
import type { Fit } from '../../models/screens.ts';
import type { Wake } from './awake.ts';

const EVERY_MS = 3000;
/** Hundreds of displays that change together don't all report in the same moment. */
const SPREAD_MS = 250;
const LONGEST_ERROR = 200;

/** What a report is made of, when it is sent. */
export interface Screen {
  readonly picture: string | null;
  readonly black: boolean;
  readonly wake: Wake;
  readonly fit: Fit;
}

interface Painted {
  readonly id: string;
  readonly paintedAt: number | null;
  readonly delayMs: number;
}

/** Tells the show what this display shows: soon after each change, and every few seconds. */
export class Reports {
  readonly #send: (report: Report) => void;
  readonly #screen: () => Screen;
  #painted: Painted | null = null;
  /** The picture that can't be loaded. */
  #broken: string | null = null;
  #programError: string | null = null;
  #isSoon = false;
  #isFrameAsked = false;
  #isDrawn = true;

  constructor(send: (report: Report) => void, screen: () => Screen) {
    this.#send = send;
    this.#screen = screen;
    document.addEventListener('visibilitychange', () => {
      this.change();
    });
    setInterval(() => {
      this.#look();
      this.#report();
    }, EVERY_MS);
  }

  /** @param paintedAt on the scale of the show's `time`; null before its first state */
  painted(id: string, paintedAt: number | null, delayMs: number): void {
    this.#painted = { id, paintedAt, delayMs };
    // What failed before, works again.
    this.#broken = this.#programError = null;
    this.change();
  }

  broken(id: string): void {
    this.#broken = id;
    this.change();
  }

  /** A fault of the page's own program. */
  programError(line: string): void {
    this.#programError = line;
    this.change();
  }

  /** Something of the screen has changed. */
  change(): void {
    if (this.#isSoon) return;
    this.#isSoon = true;
    setTimeout(() => {
      this.#isSoon = false;
      this.#report();
    }, Math.random() * SPREAD_MS);
  }

  /** What is wrong, in one line; null when nothing is. */
  get error(): string | null {
    if (this.#programError !== null) return `the page failed: ${this.#programError}`;
    if (this.#broken !== null) return `the picture ${this.#broken} can’t be loaded`;
    if (!this.#isDrawn) return 'the browser draws no frames';
    return null;
  }

  /** A visible page whose browser gave no frame since the last look shows nothing that is new. */
  #look(): void {
    if (document.visibilityState !== 'visible') {
      this.#isDrawn = true;
      return;
    }
    this.#isDrawn = !this.#isFrameAsked;
    if (this.#isFrameAsked) return;
    this.#isFrameAsked = true;
    requestAnimationFrame(() => {
      this.#isFrameAsked = false;
    });
  }

  #report(): void {
    const { picture, black, wake, fit } = this.#screen();
    const painted = this.#painted?.id === picture ? this.#painted : null;
    const paintedAt = painted?.paintedAt ?? null;
    this.#send({
      picture,
      black,
      paintedAt: paintedAt === null ? null : Math.max(0, paintedAt),
      delay: painted === null ? null : Math.round(painted.delayMs),
      error: this.error?.slice(0, LONGEST_ERROR) ?? null,
      width: Math.round(innerWidth * devicePixelRatio),
      height: Math.round(innerHeight * devicePixelRatio),
      visible: document.visibilityState === 'visible',
      wake,
      fit,
    });
  }
}
