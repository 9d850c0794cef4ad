import { ticksOf, type Point, type View } from './plane-view.ts';

/** Around the plane, in CSS pixels: the axes' numbers and words are left of it and below. */
const EDGE = { left: 58, right: 14, top: 10, bottom: 42 };
const WORDS = '#c4c9d4';
const LINES = '#2a2d36';
const MIDDLE = '#596071';

/** The part of the plane that is drawn, and the canvas around it, in CSS pixels. */
export interface Frame {
  readonly view: View;
  readonly width: number;
  readonly height: number;
}

/** A place on the canvas, in CSS pixels. */
export type Place = [x: number, y: number];

/** Where a point of the plane is on the canvas. */
export function placeIn({ view, width, height }: Frame, { valence, arousal }: Point): Place {
  const [left, right] = view.valence;
  const [bottom, top] = view.arousal;
  return [
    EDGE.left + ((valence - left) / (right - left)) * (width - EDGE.left - EDGE.right),
    height - EDGE.bottom - ((arousal - bottom) / (top - bottom)) * (height - EDGE.top - EDGE.bottom),
  ];
}

/** How far in the plane a number of CSS pixels is. */
export function distanceIn({ view, width, height }: Frame, right: number, down: number): Point {
  const { valence, arousal } = view;
  return {
    valence: (right / (width - EDGE.left - EDGE.right)) * (valence[1] - valence[0]),
    arousal: (-down / (height - EDGE.top - EDGE.bottom)) * (arousal[1] - arousal[0]),
  };
}

/** Lines and numbers of both axes, their words, and a border. */
export function drawAxes(context: CanvasRenderingContext2D, frame: Frame): void {
  const { view, width, height } = frame;
  const { valence, arousal } = view;
  const [left, right] = [EDGE.left, width - EDGE.right];
  const [top, bottom] = [EDGE.top, height - EDGE.bottom];
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
    const [x] = placeIn(frame, { valence: at, arousal: 0 });
    line(at, [x, top], [x, bottom]);
    context.fillText(label, x, bottom + 15);
  }
  context.textAlign = 'right';
  for (const { at, label } of ticksOf(arousal, bottom - top)) {
    const [, y] = placeIn(frame, { valence: 0, arousal: at });
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
