import type { ShowMessage } from '../../src/server/protocol/index.ts';
import type { GalleryEntry } from '../shared/api.ts';
import { fitted } from '../shared/element.ts';

interface Point {
  readonly valence: number;
  readonly arousal: number;
}

/** The way of the music that is drawn, in seconds. */
const TRAIL_SECONDS = 30;
const MARGIN = 26;

/** The valence-arousal plane: the gallery as dots, the way of the music, what is on show. */
export class Plane {
  readonly #canvas: HTMLCanvasElement;
  readonly #onPick: (id: string) => void;
  #pictures: readonly GalleryEntry[] = [];
  #trail: { readonly mood: Point; readonly time: number }[] = [];
  #message: ShowMessage | null = null;
  /** The part of the plane that is drawn: all pictures and some air, for ratings keep to the middle. */
  #view = { left: 0, right: 1, bottom: 0, top: 1 };
  #hovered: GalleryEntry | null = null;

  constructor(canvas: HTMLCanvasElement, onPick: (id: string) => void) {
    this.#canvas = canvas;
    this.#onPick = onPick;
    canvas.addEventListener('pointermove', (event) => {
      this.#hovered = this.#nearest(event);
      canvas.title = this.#hovered?.file ?? '';
    });
    canvas.addEventListener('click', (event) => {
      const picture = this.#nearest(event);
      if (picture !== null) this.#onPick(picture.id);
    });
  }

  set pictures(pictures: readonly GalleryEntry[]) {
    this.#pictures = pictures;
    this.#fit();
  }

  show(message: ShowMessage): void {
    if (this.#message !== null && message.time < this.#message.time) this.#trail = [];
    this.#message = message;
    if (this.#trail.at(-1)?.time !== message.time)
      this.#trail.push({ mood: message.mood, time: message.time });
    while (this.#trail[0] !== undefined && this.#trail[0].time < message.time - TRAIL_SECONDS)
      this.#trail.shift();
    this.#fit();
  }

  draw(): void {
    fitted(this.#canvas, (context, width, height) => {
      const at = (point: Point): [number, number] => this.#place(point, width, height);
      this.#axes(context, width, height);
      for (const picture of this.#pictures) {
        const [x, y] = at(picture);
        context.fillStyle = picture.banned ? '#55222266' : '#8fa3b866';
        context.beginPath();
        context.arc(x, y, 2.6, 0, 7);
        context.fill();
      }
      this.#drawTrail(context, at);
      const onShow = this.#pictures.find(({ id }) => id === this.#message?.show.image?.id);
      if (onShow !== undefined) ring(context, at(onShow), 8, '#ffd27a');
      if (this.#hovered !== null) ring(context, at(this.#hovered), 6, '#ffffff');
    });
  }

  #axes(context: CanvasRenderingContext2D, width: number, height: number): void {
    context.strokeStyle = '#2a2d36';
    context.strokeRect(MARGIN, MARGIN / 2, width - MARGIN * 1.5, height - MARGIN * 1.5);
    const [x, y] = this.#place({ valence: 0.5, arousal: 0.5 }, width, height);
    context.beginPath();
    context.moveTo(x, MARGIN / 2);
    context.lineTo(x, height - MARGIN);
    context.moveTo(MARGIN, y);
    context.lineTo(width - MARGIN / 2, y);
    context.stroke();
    context.fillStyle = '#9aa0ac';
    context.font = '12px system-ui';
    context.fillText('unpleasant', MARGIN, height - 8);
    context.textAlign = 'right';
    context.fillText('valence · pleasant', width - MARGIN / 2, height - 8);
    context.textAlign = 'left';
    context.save();
    context.translate(16, height - MARGIN);
    context.rotate(-Math.PI / 2);
    context.fillText('calm', 0, 0);
    context.textAlign = 'right';
    context.fillText('arousal · excited', height - MARGIN * 1.5, 0);
    context.restore();
  }

  #drawTrail(context: CanvasRenderingContext2D, at: (point: Point) => [number, number]): void {
    const now = this.#message?.time ?? 0;
    context.lineWidth = 2;
    for (let i = 1; i < this.#trail.length; i++) {
      const age = (now - this.#trail[i]!.time) / TRAIL_SECONDS;
      context.strokeStyle = `rgb(110 200 255 / ${(1 - age).toFixed(3)})`;
      context.beginPath();
      context.moveTo(...at(this.#trail[i - 1]!.mood));
      context.lineTo(...at(this.#trail[i]!.mood));
      context.stroke();
    }
    if (this.#message === null) return;
    const { mood } = this.#message;
    const [x, y] = at(mood);
    // The less certain, the wider.
    context.fillStyle = 'rgb(110 200 255 / 18%)';
    context.beginPath();
    context.arc(x, y, 8 + 22 * (1 - mood.confidence), 0, 7);
    context.fill();
    context.fillStyle = '#d6f0ff';
    context.beginPath();
    context.arc(x, y, 5, 0, 7);
    context.fill();
  }

  #fit(): void {
    const points: Point[] = [...this.#pictures, ...this.#trail.map(({ mood }) => mood)];
    if (points.length === 0) return;
    const range = (values: number[]): [number, number] => {
      const low = values.reduce((a, b) => Math.min(a, b));
      const high = values.reduce((a, b) => Math.max(a, b));
      const air = Math.max(0.04, 0.08 * (high - low));
      return [Math.max(0, low - air), Math.min(1, high + air)];
    };
    const [left, right] = range(points.map(({ valence }) => valence));
    const [bottom, top] = range(points.map(({ arousal }) => arousal));
    this.#view = { left, right, bottom, top };
  }

  #place({ valence, arousal }: Point, width: number, height: number): [number, number] {
    const { left, right, bottom, top } = this.#view;
    return [
      MARGIN + ((valence - left) / (right - left)) * (width - MARGIN * 1.5),
      height - MARGIN - ((arousal - bottom) / (top - bottom)) * (height - MARGIN * 1.5),
    ];
  }

  #nearest({ offsetX, offsetY }: MouseEvent): GalleryEntry | null {
    const { clientWidth, clientHeight } = this.#canvas;
    let best: GalleryEntry | null = null;
    let least = 14;
    for (const picture of this.#pictures) {
      const [x, y] = this.#place(picture, clientWidth, clientHeight);
      const distance = Math.hypot(x - offsetX, y - offsetY);
      if (distance < least) [best, least] = [picture, distance];
    }
    return best;
  }
}

function ring(
  context: CanvasRenderingContext2D,
  [x, y]: [number, number],
  radius: number,
  colour: string,
): void {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, radius, 0, 7);
  context.stroke();
}
