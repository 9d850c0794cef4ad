import { z } from 'zod';
import { FITS, type Fit } from '../../models/screens.ts';

/** How a picture fills a screen. */
export const fitSchema = z.enum(FITS);

// Control characters would garble the terminals and logs that show names.
export const displayNameSchema = z
  .string()
  .max(64)
  .regex(/^\P{Cc}*$/u);

/** Displays that have a fit of their own. */
const MOST_DISPLAY_FITS = 64;

/** How pictures fill the displays that an operator has chosen it for, by their names; '' is those without a name. */
export const displayFitsSchema = z
  .array(z.strictObject({ display: displayNameSchema, fit: fitSchema }))
  .max(MOST_DISPLAY_FITS)
  .readonly();

export type DisplayFits = z.infer<typeof displayFitsSchema>;

/**
 * The fits after a display got another one.
 * @param fit null for that of its own address
 */
export function withDisplayFit(fits: DisplayFits, display: string, fit: Fit | null): DisplayFits {
  const others = fits.filter((each) => each.display !== display);
  // Of too many, the display that was chosen for first goes by its address again.
  return fit === null ? others : [...others, { display, fit }].slice(-MOST_DISPLAY_FITS);
}
