/** How a picture fills a screen: whole, cropped to its proportions, or slowly panned over. */
export const FITS = ['cover', 'contain', 'pan'] as const;

export type Fit = (typeof FITS)[number];

/** Of displays that nobody has chosen another for. */
export const DEFAULT_FIT: Fit = 'cover';

interface ScreenSize {
  /** Pixels of the screen itself. */
  readonly width: number;
  readonly height: number;
}

/** A screen that renditions are made for. */
export interface Screen extends ScreenSize {
  readonly fit: Fit;
}

const LANDSCAPE: readonly ScreenSize[] = [
  { width: 1920, height: 1080 },
  { width: 2560, height: 1440 },
  { width: 3840, height: 2160 },
  { width: 5120, height: 2160 },
  { width: 1600, height: 1200 },
  { width: 2880, height: 2160 },
];

/** All sizes that renditions are made for: few, so that a picture has few of them. */
export const SCREEN_SIZES: readonly ScreenSize[] = [
  ...LANDSCAPE,
  ...LANDSCAPE.map(({ width, height }) => ({ width: height, height: width })),
];

/** Whether renditions are made for screens of this size. */
export function isScreenSize({ width, height }: ScreenSize): boolean {
  return SCREEN_SIZES.some((size) => size.width === width && size.height === height);
}

/** A screen may have this many times the pixels of the size that serves it, in each direction. */
const SHORTFALL = 1.02;

/**
 * The size whose renditions serve a screen best: the smallest that has its pixels, with little beside the screen. For a larger screen
 * than all, the one that is enlarged least.
 * @param screen pixels; a part of one counts
 */
export function screenSizeFor(screen: ScreenSize): ScreenSize {
  const enlarging = ({ width, height }: ScreenSize): number =>
    Math.max(1, screen.width / width / SHORTFALL, screen.height / height / SHORTFALL);
  const cost = (size: ScreenSize): number => {
    const proportion = (screen.width / screen.height) * (size.height / size.width);
    const visible = Math.min(proportion, 1 / proportion);
    return (size.width * size.height) / visible ** 2;
  };
  return SCREEN_SIZES.reduce((best, size) => {
    const difference = enlarging(size) - enlarging(best);
    return difference < 0 || (difference === 0 && cost(size) < cost(best)) ? size : best;
  });
}
