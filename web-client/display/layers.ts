import type { Fit } from '../../models/screens.ts';
import { fade } from './fade.ts';
import { pan } from './pan.ts';
import { nullIfBroken, ReadyPictures } from './ready-pictures.ts';
import type { PictureSource, Renditions } from './renditions.ts';

/** A picture as a layer over the one before. */
interface Layer {
  readonly id: string;
  readonly element: HTMLElement;
  readonly url: string;
  readonly fit: Fit;
  /** When it has faded in by the clock, drawn or not. */
  readonly opaqueAtMs: number;
}

/** A picture that is wanted: one object for each wish. */
interface Wish {
  readonly id: string;
}

const RETRY_MS = 1500;
/** A show that doesn't say within this time which rendition there is must not delay the picture. */
const SHOW_WITHIN_MS = 700;
/** A fade begins with the next frame that is drawn, which a busy machine may draw late. */
const LATE_MS = 1000;
/** How long the same picture takes to become sharper, or to fill the screen in another way. */
const SHARPEN_SECONDS = 0.8;
/** Pauses between questions whether a sharper one is made by now, in milliseconds. */
const ASK_AFTER_MS = [500, 1000, 1500, 2500, 4000, 6000, 8000, 10_000, 15_000, 20_000];

export interface LayersHandlers {
  /** Called when a picture is on the screen, with the milliseconds since it was asked for. */
  readonly onPainted: (id: string, delayMs: number) => void;
  /** Called when a picture that is wanted can't be loaded; it is tried again. */
  readonly onBroken: (id: string) => void;
}

/**
 * The stack of pictures: the newest fades in over the one below, which stays until it is covered. A picture comes on
 * only when it is decoded, so that the screen never shows half a picture, a broken one, or black in between. It comes as
 * sharp as the show has it; a sharper one that is made meanwhile fades in over it.
 */
export class Layers {
  readonly #stage: HTMLElement;
  readonly #renditions: Renditions;
  readonly #handlers: LayersHandlers;
  readonly #ready = new ReadyPictures();
  /** From the bottom; the last one is visible, or fading in. */
  #layers: Layer[] = [];
  #wish: Wish | null = null;

  constructor(stage: HTMLElement, renditions: Renditions, handlers: LayersHandlers) {
    this.#stage = stage;
    this.#renditions = renditions;
    this.#handlers = handlers;
  }

  /** The picture that is visible, or fading in. */
  get shown(): string | null {
    return this.#layers[this.#layers.length - 1]?.id ?? null;
  }

  /**
   * Shows a picture once it is decoded; tries one that fails to load again for as long as it is wanted. Rejects with
   * faults of this program alone.
   * @param url the picture of all screens
   */
  async show(id: string, url: string, crossfadeSeconds: number): Promise<void> {
    if (id === this.#wish?.id) return;
    const wish = (this.#wish = { id });
    const askedAtMs = performance.now();
    while (this.#stillWants(wish)) {
      const source = await this.#renditions.find(id, SHOW_WITHIN_MS);
      const { fit } = this.#renditions;
      let image = await this.#ready.decoded(source.url).catch(nullIfBroken);
      if (image === null && source.url !== url) image = await this.#ready.decoded(url).catch(nullIfBroken);
      // A newer picture may be wanted by now; its own call shows it.
      if (!this.#stillWants(wish)) return;
      if (image !== null) {
        if (this.shown !== id) this.#fadeIn(id, image, fit, crossfadeSeconds);
        this.#awaitPaint(id, askedAtMs);
        if (!source.isFinal) await this.#sharpen(wish, image.src);
        return;
      }
      this.#handlers.onBroken(id);
      await pause(RETRY_MS);
    }
  }

  /** Call it when the fit or the screen has changed: shows the present picture in the way that fits it now. */
  async refit(): Promise<void> {
    if (this.#wish === null || this.#wish.id !== this.shown) return;
    const wish = (this.#wish = { id: this.#wish.id });
    const source = await this.#renditions.find(wish.id);
    const last = this.#layers[this.#layers.length - 1];
    const { fit } = this.#renditions;
    // Only where a picture is panned does the screen's size change how it lies there.
    const isSame = last?.url === source.url && last.fit === fit && fit !== 'pan';
    if (!isSame) await this.#fadeOver(wish, source);
    if (!source.isFinal) await this.#sharpen(wish, source.url);
  }

  /** Fades to the empty stage: there is no picture that may be shown. */
  clear(crossfadeSeconds: number): void {
    this.#wish = null;
    if (this.#layers.length === 0) return;
    this.#layers = [];
    for (const element of Array.from(this.#stage.children)) {
      fade(element, { to: 0, milliseconds: crossfadeSeconds * 1000 }, () => {
        element.remove();
      });
    }
  }

  /**
   * Fetches and decodes the first of the next pictures that is not decoded yet. Those that are still to be made for this
   * screen are asked for again each time. Rejects with faults of this program alone.
   */
  async preload(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const { url } = await this.#renditions.find(id);
      if (this.#ready.has(url)) continue;
      // `show` handles the failure when it needs the picture.
      await this.#ready.decoded(url).catch(nullIfBroken);
      return;
    }
  }

  #stillWants(wish: Wish): boolean {
    return this.#wish === wish;
  }

  /** Shows a sharper rendition once it is made. @param shownUrl what is on the screen until then */
  async #sharpen(wish: Wish, shownUrl: string): Promise<void> {
    for (const milliseconds of ASK_AFTER_MS) {
      await pause(milliseconds);
      if (!this.#stillWants(wish)) return;
      const source = await this.#renditions.find(wish.id);
      if (source.url !== shownUrl) {
        const image = await this.#fadeOver(wish, source);
        if (image !== null) return;
      } else if (source.isFinal) return;
    }
  }

  /** @returns null where it can't be loaded, or isn't wanted any more */
  async #fadeOver(wish: Wish, { url }: PictureSource): Promise<HTMLImageElement | null> {
    const { fit } = this.#renditions;
    const image = await this.#ready.decoded(url).catch(nullIfBroken);
    if (image === null || !this.#stillWants(wish)) return null;
    this.#fadeIn(wish.id, image, fit, SHARPEN_SECONDS);
    return image;
  }

  #fadeIn(id: string, image: HTMLImageElement, fit: Fit, crossfadeSeconds: number): void {
    const element = document.createElement('div');
    element.className = `layer ${fit}`;
    element.dataset['picture'] = id;
    const surround = image.cloneNode() as HTMLImageElement;
    surround.className = 'surround';
    surround.alt = '';
    const picture = image.cloneNode() as HTMLImageElement;
    picture.className = 'picture';
    picture.alt = '';
    if (fit === 'contain') element.append(surround);
    element.append(picture);
    // The very first picture appears on the empty page at once.
    const duration = this.#stage.childElementCount === 0 ? 0 : crossfadeSeconds * 1000;
    this.#dropCovered();
    this.#stage.append(element);
    if (fit === 'pan') pan(picture, image, this.#stage.getBoundingClientRect());
    this.#layers.push({
      id,
      element,
      url: image.src,
      fit,
      opaqueAtMs: performance.now() + duration + LATE_MS,
    });
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

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
