import type { ShowMessage } from '../../src/server/protocol/index.ts';
import type { GalleryEntry } from '../shared/whole-gallery.ts';
import { fitted } from '../shared/element.ts';
import { oncePerFrame } from '../shared/frame.ts';
import { Dots } from './dots.ts';
import { boundsOf, ticksOf, viewOf, WHOLE_PLANE, within } from './plane-view.ts';
import type { Point, View } from './plane-view.ts';

/** The way of the music that is drawn, in seconds. */
const TRAIL_SECONDS = 30;
/** Around the plane, in CSS pixels: the axes' numbers and words are left of it and below. */
const EDGE = { left: 58, right: 14, top: 10, bottom: 42 };
/** A dot is meant by a pointer that is so near, in CSS pixels. */
const REACH = 14;
const WORDS = '#c4c9d4';
const LINES = '#2a2d36';
const MIDDLE = '#596071';
const TARGET = '#ffd479';
/** Half of the target's cross, in CSS pixels. */
const ARM = 5;

const OLD_PLACE = '#c4c9d4';
const NEW_PLACE = '#7ae296';

/** A picture whose mood is looked at, or moved. */
export interface Adjustment {
  readonly picture: GalleryEntry;
  /** Where it is moved to; null while it stays. */
  readonly to: Point | null;
}

/** The valence-arousal plane: the gallery as dots, the way of the music, what is on show. */
export class Plane {
  readonly #canvas: HTMLCanvasElement;
  readonly #dots = new Dots();
  readonly #changed = oncePerFrame(() => {
    this.#draw();
  });
  #pictures: ReadonlyMap<string, GalleryEntry> = new Map();
  #bans: ReadonlySet<string> = new Set();
  #bounds: View | undefined;
  #trail: { readonly mood: Point; readonly time: number }[] = [];
  #message: ShowMessage | null = null;
  #target: Point | null = null;
  #view = WHOLE_PLANE;
  #hovered: GalleryEntry | null = null;
  #isAdjusting = false;
  #adjustment: Adjustment | null = null;
  /** What the dots were drawn for; they are drawn anew only when it is another. */
  #drawn: readonly unknown[] = [];

  constructor(canvas: HTMLCanvasElement, onPick: (id: string) => void) {
    this.#canvas = canvas;
    new ResizeObserver(this.#changed).observe(canvas);
    canvas.addEventListener('pointermove', ({ offsetX, offsetY }) => {
      this.#hover(this.#dots.nearest(offsetX, offsetY, REACH));
    });
    canvas.addEventListener('pointerleave', () => {
      this.#hover(null);
    });
    canvas.addEventListener('click', ({ offsetX, offsetY }) => {
      if (this.#isAdjusting) return;
      const picture = this.#dots.nearest(offsetX, offsetY, REACH);
      if (picture !== null) onPick(picture.id);
    });
  }

  set pictures(pictures: ReadonlyMap<string, GalleryEntry>) {
    this.#pictures = pictures;
    this.#bounds = boundsOf(pictures.values());
    this.#hovered = null;
    this.#fit();
  }

  set bans(bans: ReadonlySet<string>) {
    this.#bans = bans;
    this.#changed();
  }

  /** Where pictures are looked for now, after fit and push; null before any music. */
  set target(target: Point | null) {
    // It comes with every status; nothing is drawn while it stays.
    const stays = target?.valence === this.#target?.valence && target?.arousal === this.#target?.arousal;
    this.#target = target;
    if (!stays) this.#changed();
  }

  /** While moods are adjusted all of the plane is seen, and a click pins nothing. */
  set isAdjusting(isAdjusting: boolean) {
    this.#isAdjusting = isAdjusting;
    this.#fit();
  }

  /** What is drawn of a picture that is adjusted. */
  set adjustment(adjustment: Adjustment | null) {
    this.#adjustment = adjustment;
    this.#changed();
  }

  /** The picture that is meant at a place in CSS pixels. */
  pictureAt(x: number, y: number, reach = REACH): GalleryEntry | null {
    return this.#dots.nearest(x, y, reach);
  }

  /** How far in the plane so many CSS pixels are. */
  distanceOf(right: number, down: number): Point {
    const { clientWidth, clientHeight } = this.#canvas;
    const { valence, arousal } = this.#view;
    return {
      valence: (right / (clientWidth - EDGE.left - EDGE.right)) * (valence[1] - valence[0]),
      arousal: (-down / (clientHeight - EDGE.top - EDGE.bottom)) * (arousal[1] - arousal[0]),
    };
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

  #hover(picture: GalleryEntry | null): void {
    if (picture === this.#hovered) return;
    this.#hovered = picture;
    this.#canvas.title = picture?.file ?? '';
    this.#changed();
  }

  #fit(): void {
    const trail = boundsOf(this.#trail.map(({ mood }) => mood));
    this.#view = this.#isAdjusting ? WHOLE_PLANE : viewOf([this.#bounds, trail], this.#view);
    this.#changed();
  }

  #draw(): void {
    fitted(this.#canvas, (context, width, height) => {
      const at = (point: Point): [number, number] => this.#place(point, width, height);
      this.#drawAxes(context, width, height);
      const wanted = [this.#pictures, this.#bans, this.#view, width, height, devicePixelRatio];
      if (wanted.some((part, i) => part !== this.#drawn[i])) {
        this.#drawn = wanted;
        this.#dots.draw([...this.#pictures.values()], this.#bans, { width, height }, at);
      }
      this.#dots.show(context, width, height);
      this.#drawTrail(context, at);
      const onShow = this.#pictures.get(this.#message?.show.image?.id ?? '');
      if (onShow !== undefined) ring(context, at(onShow), 8, '#ffd27a');
      if (this.#hovered !== null) ring(context, at(this.#hovered), 6, '#ffffff');
      if (this.#adjustment !== null) drawAdjustment(context, this.#adjustment, at, width);
    });
  }

  #drawAxes(context: CanvasRenderingContext2D, width: number, height: number): void {
    const [left, right] = [EDGE.left, width - EDGE.right];
    const [top, bottom] = [EDGE.top, height - EDGE.bottom];
    const { valence, arousal } = this.#view;
    context.lineWidth = 1;
    context.font = '12px system-ui, sans-serif';
    const line = (at: number, from: readonly [number, number], to: readonly [number, number]): void => {
      context.strokeStyle = at === 0.5 ? MIDDLE : LINES;
      context.fillStyle = at === 0.5 ? '#ffffff' : WORDS;
      context.beginPath();
      context.moveTo(...from);
      context.lineTo(...to);
      context.stroke();
    };
    context.textAlign = 'center';
    for (const { at, label } of ticksOf(valence, right - left)) {
      const [x] = this.#place({ valence: at, arousal: 0 }, width, height);
      line(at, [x, top], [x, bottom]);
      context.fillText(label, x, bottom + 15);
    }
    context.textAlign = 'right';
    for (const { at, label } of ticksOf(arousal, bottom - top)) {
      const [, y] = this.#place({ valence: 0, arousal: at }, width, height);
      line(at, [left, y], [right, y]);
      context.fillText(label, left - 6, Math.max(y + 4, top + 8));
    }
    context.strokeStyle = LINES;
    context.strokeRect(left, top, right - left, bottom - top);
    context.fillStyle = WORDS;
    words(context, right - left, ['unpleasant', 'valence →', 'pleasant'], () => {
      context.translate(left, height - 8);
    });
    // Bottom to top, as the axis goes; its arrow is turned with it, and so points up.
    words(context, bottom - top, ['calm', 'arousal →', 'excited'], () => {
      context.translate(15, bottom);
      context.rotate(-Math.PI / 2);
    });
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
    if (this.#target !== null) this.#drawTarget(context, [x, y], at(within(this.#target, this.#view)));
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

  /** A line from the mood, and a cross at its end. */
  #drawTarget(
    context: CanvasRenderingContext2D,
    [fromX, fromY]: [number, number],
    [x, y]: [number, number],
  ): void {
    context.strokeStyle = TARGET;
    context.lineWidth = 1.5;
    context.beginPath();
    context.moveTo(fromX, fromY);
    context.lineTo(x, y);
    context.moveTo(x - ARM, y - ARM);
    context.lineTo(x + ARM, y + ARM);
    context.moveTo(x - ARM, y + ARM);
    context.lineTo(x + ARM, y - ARM);
    context.stroke();
  }

  #place({ valence, arousal }: Point, width: number, height: number): [number, number] {
    const [left, right] = this.#view.valence;
    const [bottom, top] = this.#view.arousal;
    return [
      EDGE.left + ((valence - left) / (right - left)) * (width - EDGE.left - EDGE.right),
      height - EDGE.bottom - ((arousal - bottom) / (top - bottom)) * (height - EDGE.top - EDGE.bottom),
    ];
  }
}

/** Words at both ends and in the middle of a line of this length, from where `move` leads. */
function words(
  context: CanvasRenderingContext2D,
  length: number,
  [first, middle, last]: readonly [string, string, string],
  move: () => void,
): void {
  context.save();
  move();
  context.textAlign = 'left';
  context.fillText(first, 0, 0);
  context.textAlign = 'center';
  context.fillText(middle, length / 2, 0);
  context.textAlign = 'right';
  context.fillText(last, length, 0);
  context.restore();
}

/** The old place as a ring, the new one as a dot with its numbers, a line between; and where the model reads it. */
function drawAdjustment(
  context: CanvasRenderingContext2D,
  { picture, to }: Adjustment,
  at: (point: Point) => [number, number],
  width: number,
): void {
  const [oldX, oldY] = at(picture);
  const line = (from: [number, number], end: [number, number], dashes: number[]): void => {
    context.setLineDash(dashes);
    context.beginPath();
    context.moveTo(...from);
    context.lineTo(...end);
    context.stroke();
    context.setLineDash([]);
  };
  context.strokeStyle = OLD_PLACE;
  context.lineWidth = 1.5;
  if (picture.hand !== null) {
    const [x, y] = at(picture.reading);
    line([oldX, oldY], [x, y], [2, 4]);
    line([x - ARM, y], [x + ARM, y], []);
    line([x, y - ARM], [x, y + ARM], []);
  }
  ring(context, [oldX, oldY], 9, OLD_PLACE);
  if (to === null) return;
  const [x, y] = at(to);
  context.strokeStyle = NEW_PLACE;
  line([oldX, oldY], [x, y], [5, 4]);
  context.fillStyle = NEW_PLACE;
  context.beginPath();
  context.arc(x, y, 7, 0, 7);
  context.fill();
  context.font = '600 12px system-ui, sans-serif';
  const label = `${to.valence.toFixed(2)}, ${to.arousal.toFixed(2)}`;
  const isLeft = x > width / 2;
  context.textAlign = isLeft ? 'right' : 'left';
  context.lineWidth = 3;
  context.strokeStyle = '#15171d';
  const [labelX, labelY] = [x + (isLeft ? -12 : 12), Math.max(14, y - 10)];
  context.strokeText(label, labelX, labelY);
  context.fillText(label, labelX, labelY);
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
