import { screenSizeFor, type Fit, type Screen } from '../../models/screens.ts';
import type { Rendition } from '../../src/server/protocol/index.ts';

/** What is not needed at once may take this long to be answered. */
const ANSWER_WITHIN_MS = 10_000;
const MOST_KNOWN = 200;

/** A picture to load. */
export interface PictureSource {
  /** Whole address. */
  readonly url: string;
  /** Whether the show has nothing better for this screen, and makes nothing better now. */
  readonly isFinal: boolean;
}

/** Finds out which renditions of pictures are the best for this page's screen. */
export class Renditions {
  readonly #addressOf: (path: string) => string;
  readonly #known = new Map<string, PictureSource>();
  #fit: Fit;

  /** @param addressOf the whole address of one that is relative to the show's */
  constructor(fit: Fit, addressOf: (path: string) => string) {
    this.#fit = fit;
    this.#addressOf = addressOf;
  }

  get fit(): Fit {
    return this.#fit;
  }

  set fit(fit: Fit) {
    this.#fit = fit;
  }

  /** Which renditions are wanted now. */
  get screen(): Screen {
    const pixels = { width: innerWidth * devicePixelRatio, height: innerHeight * devicePixelRatio };
    return { ...screenSizeFor(pixels), fit: this.#fit };
  }

  /**
   * Asks the show for the best there is of a picture, which has a better one made. Where it gives no answer, that is the
   * picture of all screens.
   * @param withinMs the answer may take
   */
  async find(id: string, withinMs = ANSWER_WITHIN_MS): Promise<PictureSource> {
    const { width, height, fit } = this.screen;
    const address = `api/renditions/${encodeURIComponent(id)}?width=${width}&height=${height}&fit=${fit}`;
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const found = await this.#ask(address, `api/pictures/${encodeURIComponent(id)}`, withinMs);
    if (found.isFinal) this.#remember(address, found);
    return found;
  }

  /** @param whole the picture of all screens */
  async #ask(address: string, whole: string, withinMs: number): Promise<PictureSource> {
    const late = new AbortController();
    const timer = setTimeout(() => {
      late.abort();
    }, withinMs);
    try {
      const response = await fetch(this.#addressOf(address), { signal: late.signal });
      if (!response.ok) return { url: this.#addressOf(whole), isFinal: false };
      const { url, final } = (await response.json()) as Rendition;
      return { url: this.#addressOf(url), isFinal: final };
    } catch {
      // The network failed, or the answer is late: the picture itself may come all the same.
      return { url: this.#addressOf(whole), isFinal: false };
    } finally {
      clearTimeout(timer);
    }
  }

  #remember(address: string, source: PictureSource): void {
    this.#known.set(address, source);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST_KNOWN) break;
      this.#known.delete(oldest);
    }
  }
}
