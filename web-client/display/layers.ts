import { fade } from './fade.ts';

/** A picture as a layer over the one before. */
interface Layer {
  readonly id: string;
  readonly element: HTMLElement;
  /** When it has faded in by the clock, drawn or not. */
  readonly opaqueAtMs: number;
}

/** Pictures that are kept decoded: each takes the memory of all its pixels. */
const KEPT_READY = 8;
const RETRY_MS = 1500;
/** After a failure, a picture is not fetched ahead again before this time. */
const FAILED_FOR_MS = 10_000;
/** A fade begins with the next frame that is drawn, which a busy machine may draw late. */
const LATE_MS = 1000;

export interface LayersHandlers {
  /** Called when a picture is on the screen, with the milliseconds since it was asked for. */
  readonly onPainted: (id: string, delayMs: number) => void;
  /** Called when a picture that is wanted can't be loaded; it is tried again. */
  readonly onBroken: (id: string) => void;
}

/**
 * The stack of pictures: the newest fades in over the one below, which stays until it is covered. A picture comes on
 * only when it is decoded, so that the screen never shows half a picture, a broken one, or black in between.
 */
export class Layers {
  readonly #stage: HTMLElement;
  readonly #handlers: LayersHandlers;
  readonly #ready = new Map<string, Promise<HTMLImageElement>>();
  /** When pictures failed to load. */
  readonly #failedAtMs = new Map<string, number>();
  /** From the bottom; the last one is visible, or fading in. */
  #layers: Layer[] = [];
  #wanted: string | null = null;

  constructor(stage: HTMLElement, handlers: LayersHandlers) {
    this.#stage = stage;
    this.#handlers = handlers;
  }

  /** The picture that is visible, or fading in. */
  get shown(): string | null {
    return this.#layers[this.#layers.length - 1]?.id ?? null;
  }

  /**
   * Shows a picture once it is decoded; tries one that fails to load again for as long as it is wanted. Rejects with
   * faults of this program alone.
   */
  async show(id: string, url: string, crossfadeSeconds: number): Promise<void> {
    if (id === this.#wanted) return;
    this.#wanted = id;
    const askedAtMs = performance.now();
    while (this.#wanted === id) {
      const image = await this.#decoded(url).catch(nullIfBroken);
      // A newer picture may be wanted by now; its own call shows it.
      if (!this.#stillWants(id)) return;
      if (image !== null) {
        if (this.shown !== id) this.#fadeIn(id, image, crossfadeSeconds);
        this.#awaitPaint(id, askedAtMs);
        return;
      }
      this.#handlers.onBroken(id);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /** Fades to the empty stage: there is no picture that may be shown. */
  clear(crossfadeSeconds: number): void {
    this.#wanted = null;
    if (this.#layers.length === 0) return;
    this.#layers = [];
    for (const element of Array.from(this.#stage.children)) {
      fade(element, { to: 0, milliseconds: crossfadeSeconds * 1000 }, () => {
        element.remove();
      });
    }
  }

  /** Fetches and decodes the first of the next pictures that is not decoded yet. */
  preload(urls: readonly string[]): void {
    const now = performance.now();
    for (const [url, atMs] of this.#failedAtMs) {
      if (now - atMs > FAILED_FOR_MS) this.#failedAtMs.delete(url);
    }
    const missing = urls.filter((url) => this.#known(url) === undefined && !this.#failedAtMs.has(url));
    const [url] = missing;
    // `show` handles the failure when it needs the picture.
    if (url !== undefined) void this.#decoded(url).catch(nullIfBroken);
  }

  #stillWants(id: string): boolean {
    return this.#wanted === id;
  }

  /** The picture that was used last is forgotten last. */
  #known(url: string): Promise<HTMLImageElement> | undefined {
    const known = this.#ready.get(url);
    if (known === undefined) return undefined;
    this.#ready.delete(url);
    this.#ready.set(url, known);
    return known;
  }

  #decoded(url: string): Promise<HTMLImageElement> {
    const known = this.#known(url);
    if (known !== undefined) return known;
    const image = new Image();
    image.src = url;
    const decoded = image.decode().then(() => image);
    this.#ready.set(url, decoded);
    for (const oldest of this.#ready.keys()) {
      if (this.#ready.size <= KEPT_READY) break;
      this.#ready.delete(oldest);
    }
    void decoded.catch((error: unknown) => {
      nullIfBroken(error);
      this.#failedAtMs.set(url, performance.now());
      if (this.#ready.get(url) === decoded) this.#ready.delete(url);
    });
    return decoded;
  }

  #fadeIn(id: string, image: HTMLImageElement, crossfadeSeconds: number): void {
    const element = document.createElement('div');
    element.className = 'layer';
    element.dataset['picture'] = id;
    const surround = image.cloneNode() as HTMLImageElement;
    surround.className = 'surround';
    surround.alt = '';
    const picture = image.cloneNode() as HTMLImageElement;
    picture.className = 'picture';
    picture.alt = '';
    element.append(surround, picture);
    // The very first picture appears on the empty page at once.
    const duration = this.#stage.childElementCount === 0 ? 0 : crossfadeSeconds * 1000;
    this.#dropCovered();
    this.#stage.append(element);
    this.#layers.push({ id, element, opaqueAtMs: performance.now() + duration + LATE_MS });
    fade(element, { from: 0, to: 1, milliseconds: duration }, () => {
      while (element.previousSibling !== null) element.previousSibling.remove();
    });
  }

  /** A picture is on the screen when a frame was drawn after it came on the page: the second one certainly has it. */
  #awaitPaint(id: string, askedAtMs: number): void {
    requestAnimationFrame(() => {
      requestAnimationFrame(() => {
        if (this.shown === id) this.#handlers.onPainted(id, performance.now() - askedAtMs);
      });
    });
  }

  /**
   * Removes covered layers by the clock, so that they don't pile up: no fade ends in a hidden page, or on a screen that
   * sleeps.
   */
  #dropCovered(): void {
    const now = performance.now();
    let covering = this.#layers.length - 1;
    while (covering > 0 && this.#layers[covering]!.opaqueAtMs > now) covering--;
    for (const { element } of this.#layers.splice(0, Math.max(0, covering))) element.remove();
  }
}

/** For a picture that can't be loaded or decoded, which browsers report as a DOMException. @throws any other error */
function nullIfBroken(error: unknown): null {
  if (error instanceof DOMException) return null;
  throw error;
}
