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

/**
 * The stack of pictures: the newest fades in over the one below, which stays until it is covered. A picture comes on
 * only when it is decoded, so that the screen never shows half a picture, a broken one, or black in between.
 */
export class Layers {
  readonly #stage: HTMLElement;
  readonly #ready = new Map<string, Promise<HTMLImageElement>>();
  /** When pictures failed to load. */
  readonly #failedAtMs = new Map<string, number>();
  /** From the bottom; the last one is visible, or fading in. */
  #layers: Layer[] = [];
  #wanted: string | null = null;

  constructor(stage: HTMLElement) {
    this.#stage = stage;
  }

  /** The picture that is visible, or fading in. */
  get shown(): string | null {
    return this.#layers.at(-1)?.id ?? null;
  }

  /** Shows a picture once it is decoded; tries one that fails to load again for as long as it is wanted. */
  async show(id: string, url: string, crossfadeSeconds: number): Promise<void> {
    if (id === this.#wanted) return;
    this.#wanted = id;
    while (this.#wanted === id) {
      try {
        const image = await this.#decoded(url);
        // A newer picture may be wanted by now; its own call shows it.
        if (this.#stillWants(id) && this.shown !== id) this.#fadeIn(id, image, crossfadeSeconds);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** Fades to the empty stage: there is no picture that may be shown. */
  clear(crossfadeSeconds: number): void {
    this.#wanted = null;
    if (this.#layers.length === 0) return;
    this.#layers = [];
    for (const element of this.#stage.children) {
      // From where an unfinished fade stands now.
      const from = getComputedStyle(element).opacity;
      for (const unfinished of element.getAnimations()) unfinished.cancel();
      const fade = element.animate([{ opacity: from }, { opacity: 0 }], {
        duration: crossfadeSeconds * 1000,
        easing: 'ease-in-out',
        fill: 'forwards',
      });
      fade.finished.then(
        () => {
          element.remove();
        },
        () => undefined,
      );
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
    if (url !== undefined) this.#decoded(url).catch(() => undefined);
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
    decoded.catch(() => {
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
    const fade = element.animate([{ opacity: 0 }, { opacity: 1 }], {
      duration,
      easing: 'ease-in-out',
      fill: 'forwards',
    });
    fade.finished.then(
      () => {
        while (element.previousSibling !== null) element.previousSibling.remove();
      },
      () => undefined,
    );
  }

  /**
   * Removes covered layers by the clock, so that they don't pile up: no fade ends in a hidden page, or on a screen that
   * sleeps.
   */
  #dropCovered(): void {
    const now = performance.now();
    const covering = this.#layers.findLastIndex(({ opaqueAtMs }) => opaqueAtMs <= now);
    for (const { element } of this.#layers.splice(0, covering)) element.remove();
  }
}
