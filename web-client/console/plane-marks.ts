import type { GalleryEntry } from '../shared/whole-gallery.ts';
import type { Place } from './plane-axes.ts';
import type { Point } from './plane-view.ts';

/** The way of the music that is drawn, in seconds. */
export const TRAIL_SECONDS = 30;
const TARGET = '#ffd479';
/** Half of a cross, in CSS pixels. */
const ARM = 5;
const OLD_PLACE = '#c4c9d4';
const NEW_PLACE = '#7ae296';

/** A picture whose mood is looked at, or moved. */
export interface Adjustment {
  readonly picture: GalleryEntry;
  /** Where it is moved to; null while it stays. */
  readonly to: Point | null;
}

/** Where the music was in the plane, at a time of the show in seconds. */
export interface TrailPoint {
  readonly mood: Point;
  readonly time: number;
}

/** Where a point of the plane is on the canvas. */
type At = (point: Point) => Place;

/** The way of the music, paler the longer ago. */
export function drawTrail(
  context: CanvasRenderingContext2D,
  trail: readonly TrailPoint[],
  now: number,
  at: At,
): void {
  context.lineWidth = 2;
  for (let i = 1; i < trail.length; i++) {
    const age = (now - trail[i]!.time) / TRAIL_SECONDS;
    context.strokeStyle = `rgb(110 200 255 / ${(1 - age).toFixed(3)})`;
    context.beginPath();
    context.moveTo(...at(trail[i - 1]!.mood));
    context.lineTo(...at(trail[i]!.mood));
    context.stroke();
  }
}

/** The mood of the music: a dot in a circle that is wider the less certain it is. */
export function drawMood(context: CanvasRenderingContext2D, [x, y]: Place, confidence: number): void {
  context.fillStyle = 'rgb(110 200 255 / 18%)';
  context.beginPath();
  context.arc(x, y, 8 + 22 * (1 - confidence), 0, 7);
  context.fill();
  context.fillStyle = '#d6f0ff';
  context.beginPath();
  context.arc(x, y, 5, 0, 7);
  context.fill();
}

/** A line from the mood, and a cross at its end, where pictures are looked for. */
export function drawTarget(context: CanvasRenderingContext2D, [fromX, fromY]: Place, [x, y]: Place): void {
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

/** The old place as a ring, the new one as a dot with its numbers, a line between; and where the model puts it. */
export function drawAdjustment(
  context: CanvasRenderingContext2D,
  { picture, to }: Adjustment,
  at: At,
  width: number,
): void {
  const [oldX, oldY] = at(picture);
  const line = (from: Place, end: Place, dashes: number[]): void => {
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

/** A circle around a picture's dot. */
export function ring(context: CanvasRenderingContext2D, [x, y]: Place, radius: number, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.beginPath();
  context.arc(x, y, radius, 0, 7);
  context.stroke();
}
