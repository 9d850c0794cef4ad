import type { GalleryEntry } from '../shared/whole-gallery.ts';
import type { Point } from './plane-view.ts';

/** From this many on, dots are small squares that are written into the pixels directly: ten times as fast as arcs. */
const MANY = 3000;
const ALLOWED = [143, 163, 184] as const;
const BANNED = [200, 80, 80] as const;
/** A picture with a mood by hand. */
const BY_HAND = [122, 226, 150] as const;
/** In CSS pixels. */
const RADIUS = 2.6;
const SIDE = 2.5;

/** The gallery as dots, drawn once into its own canvas: drawing tens of thousands takes longer than a frame. */
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
    if (this.#layer.width === 0 || this.#layer.height === 0) return;
    const context = this.#layer.getContext('2d')!;
    const colourOf = (i: number): Colour => {
      const { id, hand } = pictures[i]!;
      if (bans.has(id)) return BANNED;
      return hand === null ? ALLOWED : BY_HAND;
    };
    if (pictures.length < MANY) this.#drawFew(context, scale, colourOf);
    else this.#drawMany(context, scale, colourOf);
  }

  /** Copies the drawn dots onto a context that counts in CSS pixels. */
  show(context: CanvasRenderingContext2D, width: number, height: number): void {
    if (this.#layer.width > 0 && this.#layer.height > 0) context.drawImage(this.#layer, 0, 0, width, height);
  }

  /** The picture whose dot is nearest to a place, if one is within `within` CSS pixels. */
  nearest(x: number, y: number, within: number): GalleryEntry | null {
    let best: GalleryEntry | null = null;
    let least = within ** 2;
    for (let i = 0; i < this.#pictures.length; i++) {
      const distance = (this.#places[2 * i]! - x) ** 2 + (this.#places[2 * i + 1]! - y) ** 2;
      if (distance < least) [best, least] = [this.#pictures[i]!, distance];
    }
    return best;
  }

  #drawFew(context: CanvasRenderingContext2D, scale: number, colourOf: (i: number) => Colour): void {
    context.scale(scale, scale);
    for (let i = 0; i < this.#pictures.length; i++) {
      context.fillStyle = `rgb(${colourOf(i).join(' ')} / 75%)`;
      context.beginPath();
      context.arc(this.#places[2 * i]!, this.#places[2 * i + 1]!, RADIUS, 0, 7);
      context.fill();
    }
  }

  #drawMany(context: CanvasRenderingContext2D, scale: number, colourOf: (i: number) => Colour): void {
    const { width, height } = this.#layer;
    const image = context.createImageData(width, height);
    const { data } = image;
    const side = Math.max(1, Math.round(SIDE * scale));
    for (let i = 0; i < this.#pictures.length; i++) {
      const [red, green, blue] = colourOf(i);
      const left = Math.round(this.#places[2 * i]! * scale - side / 2);
      const top = Math.round(this.#places[2 * i + 1]! * scale - side / 2);
      for (let y = Math.max(0, top); y < Math.min(height, top + side); y++) {
        for (let x = Math.max(0, left); x < Math.min(width, left + side); x++) {
          const at = 4 * (y * width + x);
          data[at] = red;
          data[at + 1] = green;
          data[at + 2] = blue;
          // Dots that overlap are brighter.
          data[at + 3] = data[at + 3]! + 0.4 * (255 - data[at + 3]!);
        }
      }
    }
    context.putImageData(image, 0, 0);
  }
}

type Colour = readonly [red: number, green: number, blue: number];
