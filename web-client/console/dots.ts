import type { GalleryEntry } from '../shared/whole-gallery.ts';
import type { Point } from './plane-view.ts';

/** Of so many pictures and more, the dots are smaller. */
const MANY = 3000;
const ALLOWED = '#8fa3b8';
const BANNED = '#b04a4a';

/**
 * The gallery as dots, drawn once into a canvas of its own: of tens of thousands of pictures, drawing them takes longer
 * than a frame.
 */
export class Dots {
  readonly #layer = document.createElement('canvas');
  #pictures: readonly GalleryEntry[] = [];
  /** x and y of each, in CSS pixels. */
  #places = new Float32Array(0);

  /** @param place where a point of the plane is, in CSS pixels */
  draw(
    pictures: readonly GalleryEntry[],
    bans: ReadonlySet<string>,
    { width, height }: { readonly width: number; readonly height: number },
    place: (point: Point) => readonly [x: number, y: number],
  ): void {
    const scale = devicePixelRatio;
    this.#layer.width = Math.round(width * scale);
    this.#layer.height = Math.round(height * scale);
    this.#pictures = pictures;
    this.#places = new Float32Array(2 * pictures.length);
    pictures.forEach((picture, i) => {
      this.#places.set(place(picture), 2 * i);
    });
    const context = this.#layer.getContext('2d')!;
    context.scale(scale, scale);
    const radius = pictures.length < MANY ? 2.6 : 1.5;
    // Where many lie on each other they are seen all the same.
    const alpha = pictures.length < MANY ? 0.75 : 0.4;
    const allowed = dot(ALLOWED, radius * scale, alpha);
    const banned = dot(BANNED, radius * scale, alpha);
    const size = allowed.width / scale;
    pictures.forEach(({ id }, i) => {
      context.drawImage(
        bans.has(id) ? banned : allowed,
        this.#places[2 * i]! - size / 2,
        this.#places[2 * i + 1]! - size / 2,
        size,
        size,
      );
    });
  }

  /** Puts what was drawn onto a context that counts in CSS pixels. */
  show(context: CanvasRenderingContext2D, width: number, height: number): void {
    if (this.#layer.width > 0 && this.#layer.height > 0) context.drawImage(this.#layer, 0, 0, width, height);
  }

  /** The picture whose dot is nearest to a place, if one is within so many CSS pixels. */
  nearest(x: number, y: number, within: number): GalleryEntry | null {
    let best: GalleryEntry | null = null;
    let least = within ** 2;
    for (let i = 0; i < this.#pictures.length; i++) {
      const distance = (this.#places[2 * i]! - x) ** 2 + (this.#places[2 * i + 1]! - y) ** 2;
      if (distance < least) [best, least] = [this.#pictures[i]!, distance];
    }
    return best;
  }
}

/** One dot, to be copied: much faster than an arc for each picture. */
function dot(colour: string, radius: number, alpha: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  const side = Math.ceil(2 * radius) + 2;
  canvas.width = side;
  canvas.height = side;
  const context = canvas.getContext('2d')!;
  context.globalAlpha = alpha;
  context.fillStyle = colour;
  context.beginPath();
  context.arc(side / 2, side / 2, radius, 0, 7);
  context.fill();
  return canvas;
}
