import type { Screen } from '../../screens.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The part of a picture that a rendition shows, and the rendition's own size; all in pixels. */
interface Cut extends Size {
  readonly part: Size & { readonly left: number; readonly top: number };
}

/** A place in a picture, each axis from 0 to 1. */
export interface Focus {
  readonly x: number;
  readonly y: number;
}

export const CENTRE: Focus = { x: 0.5, y: 0.5 };

/** Screens that a panned rendition is long, at most: longer ones are too large for the memory of small displays. */
const PAN_SCREENS = 2;

/** A picture that loses no more by covering a screen can lose it at its edges: nobody misses it. */
const SMALL_LOSS = 0.12;
/** A rendition with this part of the pixels that a screen has, in each direction, looks as sharp. */
const SHARP_ENOUGH = 0.97;

/** How much of a picture a screen shows: all for `contain`, its proportions for `cover`, up to two screens for `pan`. */
function shownPart(picture: Size, { width, height, fit }: Screen): Size {
  if (fit === 'contain') return picture;
  const most = fit === 'pan' ? PAN_SCREENS : 1;
  return {
    width: Math.min(picture.width, (picture.height * width * most) / height),
    height: Math.min(picture.height, (picture.width * height * most) / width),
  };
}

/** What the pixels of the part are multiplied by, so that it fills the screen: at most 1. */
function scaleOf(part: Size, { width, height, fit }: Screen): number {
  const [across, down] = [width / part.width, height / part.height];
  return Math.min(1, fit === 'contain' ? Math.min(across, down) : Math.max(across, down));
}

/**
 * Cuts a picture for a screen. It is never enlarged.
 * @param focus what has to be in it, as near to the middle as can be
 */
export function cutFor(picture: Size, screen: Screen, focus: Focus = CENTRE): Cut {
  const part = shownPart(picture, screen);
  const scale = scaleOf(part, screen);
  const width = clamp(Math.round(part.width), 1, picture.width);
  const height = clamp(Math.round(part.height), 1, picture.height);
  return {
    part: {
      width,
      height,
      left: clamp(Math.round(focus.x * picture.width - width / 2), 0, picture.width - width),
      top: clamp(Math.round(focus.y * picture.height - height / 2), 0, picture.height - height),
    },
    width: Math.max(1, Math.round(part.width * scale)),
    height: Math.max(1, Math.round(part.height * scale)),
  };
}

/**
 * Whether a smaller copy of a whole picture does as well on a screen as a rendition made for it.
 * @param side the longest side of the copy, in pixels
 */
export function isCopyEnough(picture: Size, side: number, screen: Screen): boolean {
  const part = shownPart(picture, screen);
  const loss = 1 - (part.width * part.height) / (picture.width * picture.height);
  if (loss > SMALL_LOSS) return false;
  const copyScale = Math.min(1, side / Math.max(picture.width, picture.height));
  return copyScale >= SHARP_ENOUGH * scaleOf(part, screen);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
