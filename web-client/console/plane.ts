import type { ShowMessage } from '../../src/server/protocol/index.ts';
import type { GalleryEntry } from '../shared/whole-gallery.ts';
import { fitted } from '../shared/element.ts';
import { oncePerFrame } from '../shared/frame.ts';
import { Dots } from './dots.ts';
import { distanceIn, drawAxes, placeIn } from './plane-axes.ts';
import type { Frame, Place } from './plane-axes.ts';
import { drawAdjustment, drawMood, drawTarget, drawTrail, ring, TRAIL_SECONDS } from './plane-marks.ts';
import type { Adjustment, TrailPoint } from './plane-marks.ts';
import { boundsOf, viewOf, WHOLE_PLANE, within } from './plane-view.ts';
import type { Point, View } from './plane-view.ts';

/** How near a pointer must be to a dot to mean it, in CSS pixels. */
const REACH = 14;

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
  #trail: TrailPoint[] = [];
  #message: ShowMessage | null = null;
  #target: Point | null = null;
  #view = WHOLE_PLANE;
  #hovered: GalleryEntry | null = null;
  #isAdjusting = false;
  #adjustment: Adjustment | null = null;
  /** What the dots were last drawn for: while it stays the same, they are not drawn again. */
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

  /** Where the program looks for pictures now, after fit and push; null before any music. */
  set target(target: Point | null) {
    // It comes with every status; draws nothing while it stays the same.
    const stays = target?.valence === this.#target?.valence && target?.arousal === this.#target?.arousal;
    this.#target = target;
    if (!stays) this.#changed();
  }

  /** While the operator adjusts moods, the whole plane is visible, and a click pins nothing. */
  set isAdjusting(isAdjusting: boolean) {
    this.#isAdjusting = isAdjusting;
    this.#fit();
  }

  /** The picture that is being adjusted, and where it goes. */
  set adjustment(adjustment: Adjustment | null) {
    this.#adjustment = adjustment;
    this.#changed();
  }

  /** The picture at a place in CSS pixels. */
  pictureAt(x: number, y: number, reach = REACH): GalleryEntry | null {
    return this.#dots.nearest(x, y, reach);
  }

  /** How far in the plane a number of CSS pixels is. */
  distanceOf(right: number, down: number): Point {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    return distanceIn({ view: this.#view, width, height }, right, down);
  }

  show(message: ShowMessage): void {
    if (this.#message !== null && message.time < this.#message.time) this.#trail = [];
    this.#message = message;
    if (this.#trail[this.#trail.length - 1]?.time !== message.time)
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
      const frame: Frame = { view: this.#view, width, height };
      const at = (point: Point): Place => placeIn(frame, point);
      drawAxes(context, frame);
      this.#drawDots(context, frame, at);
      this.#drawMusic(context, at);
      const onShow = this.#pictures.get(this.#message?.show.image?.id ?? '');
      if (onShow !== undefined) ring(context, at(onShow), 8, '#ffd27a');
      if (this.#hovered !== null) ring(context, at(this.#hovered), 6, '#ffffff');
      if (this.#adjustment !== null) drawAdjustment(context, this.#adjustment, at, width);
    });
  }

  #drawDots(context: CanvasRenderingContext2D, { width, height }: Frame, at: (point: Point) => Place): void {
    const wanted = [this.#pictures, this.#bans, this.#view, width, height, devicePixelRatio];
    if (wanted.some((part, i) => part !== this.#drawn[i])) {
      this.#drawn = wanted;
      this.#dots.draw([...this.#pictures.values()], this.#bans, { width, height }, at);
    }
    this.#dots.show(context, width, height);
  }

  #drawMusic(context: CanvasRenderingContext2D, at: (point: Point) => Place): void {
    drawTrail(context, this.#trail, this.#message?.time ?? 0, at);
    if (this.#message === null) return;
    const { mood } = this.#message;
    if (this.#target !== null) drawTarget(context, at(mood), at(within(this.#target, this.#view)));
    drawMood(context, at(mood), mood.confidence);
  }
}
