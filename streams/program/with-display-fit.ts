import type { Fit } from '../../models/screens.ts';
import type { DisplayFits } from './display-fits.ts';

/** Names of displays that an operator may choose a fit for. */
export const MOST_DISPLAY_FITS = 64;

/**
 * The fits after a display got another one.
 * @param fit null for that of its own address
 */
export function withDisplayFit(fits: DisplayFits, display: string, fit: Fit | null): DisplayFits {
  const others = fits.filter((each) => each.display !== display);
  // Of too many, the display that was chosen for first goes by its address again.
  return fit === null ? others : [...others, { display, fit }].slice(-MOST_DISPLAY_FITS);
}
