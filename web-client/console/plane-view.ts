/** A point of the valence-arousal plane. */
export interface Point {
  readonly valence: number;
  readonly arousal: number;
}

/** From low to high on one axis of the plane, within 0 and 1. */
export type Range = readonly [low: number, high: number];

/** The part of the plane that is drawn. */
export interface View {
  readonly valence: Range;
  readonly arousal: Range;
}

export const WHOLE_PLANE: View = { valence: [0, 1], arousal: [0, 1] };

/** Edges of the view lie on multiples of this step, so that the view seldom changes. */
const STEP = 0.05;
const AIR = 0.02;
const NARROWEST = 0.2;
/** A view that shows this much more than it must, on one side, is made smaller. */
const TOO_WIDE = 0.15;
/** The least distance of two labels, in CSS pixels. */
const LABEL_PIXELS = 34;

/** The smallest view of all these points; undefined without points. */
export function boundsOf(points: Iterable<Point>): View | undefined {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { valence, arousal } of points) {
    left = Math.min(left, valence);
    right = Math.max(right, valence);
    bottom = Math.min(bottom, arousal);
    top = Math.max(top, arousal);
  }
  return left > right ? undefined : { valence: [left, right], arousal: [bottom, top] };
}

/**
 * The view of everything that must be visible, with some air: ratings keep to the middle of the plane. Keeps the last
 * view as long as it fits, so that the plane stands still under the music.
 */
export function viewOf(bounds: readonly (View | undefined)[], last: View = WHOLE_PLANE): View {
  const known = bounds.filter((view) => view !== undefined);
  if (known.length === 0) return last;
  const axis = (name: keyof View): Range => {
    const low = Math.min(...known.map((view) => view[name][0]));
    const high = Math.max(...known.map((view) => view[name][1]));
    return rangeOf(low, high, last[name]);
  };
  const view = { valence: axis('valence'), arousal: axis('arousal') };
  return isSame(view.valence, last.valence) && isSame(view.arousal, last.arousal) ? last : view;
}

/** The point of the view that is nearest to a point, which may lie beyond the plane. */
export function within({ valence, arousal }: Point, view: View): Point {
  const limited = (value: number, [low, high]: Range) => Math.min(high, Math.max(low, value));
  return { valence: limited(valence, view.valence), arousal: limited(arousal, view.arousal) };
}

function rangeOf(low: number, high: number, last: Range): Range {
  let from = Math.max(0, Math.floor((low - AIR) / STEP));
  let to = Math.min(1 / STEP, Math.ceil((high + AIR) / STEP));
  while ((to - from) * STEP < NARROWEST - STEP / 2) {
    from = Math.max(0, from - 1);
    to = Math.min(1 / STEP, to + 1);
  }
  const range: Range = [round(from * STEP), round(to * STEP)];
  const [below, above] = [range[0] - last[0], last[1] - range[1]];
  const stays = below >= -1e-9 && above >= -1e-9 && below < TOO_WIDE && above < TOO_WIDE;
  return stays ? last : range;
}

/** Where an axis is labelled, sparsely enough to read the labels. */
export function ticksOf(
  [low, high]: Range,
  pixels: number,
): { readonly at: number; readonly label: string }[] {
  const step = [0.05, 0.1, 0.2].find((wanted) => (wanted / (high - low)) * pixels >= LABEL_PIXELS) ?? 0.5;
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-6); i * step <= high + 1e-6; i++) {
    ticks.push({ at: round(i * step), label: (i * step).toFixed(step < 0.1 ? 2 : 1) });
  }
  return ticks;
}

function isSame(a: Range, b: Range): boolean {
  return a[0] === b[0] && a[1] === b[1];
}

function round(value: number): number {
  return Number(value.toFixed(3));
}
