import type { Control } from '../../streams/program/index.ts';
import type { GalleryEntry } from '../shared/whole-gallery.ts';
import type { Point } from './plane-view.ts';

/** Finer than anyone places a picture. */
const DIGITS = 3;

/** A place moved by a distance, within the plane. */
export function movedBy({ valence, arousal }: Point, by: Point): Point {
  const limited = (value: number): number => Number(Math.min(1, Math.max(0, value)).toFixed(DIGITS));
  return { valence: limited(valence + by.valence), arousal: limited(arousal + by.arousal) };
}

/** Step of an arrow key, without Shift and with it. */
const STEP = 0.01;
const LONG_STEP = 0.05;

const ARROWS: Readonly<Record<string, readonly [valence: number, arousal: number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** How far a key moves a picture; null for one that is no arrow. */
export function stepOf(key: string, isLong: boolean): Point | null {
  const arrow = ARROWS[key];
  if (arrow === undefined) return null;
  const step = isLong ? LONG_STEP : STEP;
  return { valence: step * arrow[0], arousal: step * arrow[1] };
}

/**
 * The control that puts a picture there: an axis along which it does not move stays as it is, the model's or by hand.
 * null when it does not move at all.
 */
export function moodControl(picture: GalleryEntry, to: Point): Extract<Control, { control: 'mood' }> | null {
  const moves = (axis: keyof Point): boolean => picture[axis].toFixed(DIGITS) !== to[axis].toFixed(DIGITS);
  if (!moves('valence') && !moves('arousal')) return null;
  const along = (axis: keyof Point): number | null =>
    moves(axis) ? to[axis] : (picture.hand?.[axis] ?? null);
  return { control: 'mood', image: picture.id, valence: along('valence'), arousal: along('arousal') };
}

/** A picture's mood in words: the mood in force, whether it is by hand, and then the model's prediction. */
export function moodInWords(
  { file, valence, arousal, reading, hand }: GalleryEntry,
  to: Point | null,
): string {
  const point = (at: Point): string => `${at.valence.toFixed(2)}, ${at.arousal.toFixed(2)}`;
  const whose = hand === null ? 'the model’s' : `by hand, the model predicts ${point(reading)}`;
  const now = `${file}: ${point({ valence, arousal })} (${whose})`;
  return to === null ? now : `${now} → ${point(to)}`;
}
