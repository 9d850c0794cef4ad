import { z } from 'zod';
import { FITS } from '../../models/screens.ts';
import { MOST_DISPLAY_FITS } from './with-display-fit.ts';

/** How a picture fills a screen. */
export const fitSchema = z.enum(FITS);

// Control characters would garble the terminals and logs that show names.
export const displayNameSchema = z
  .string()
  .max(64)
  .regex(/^\P{Cc}*$/u);

/** How pictures fill the displays that an operator has chosen it for, by their names; '' is those without a name. */
export const displayFitsSchema = z
  .array(z.strictObject({ display: displayNameSchema, fit: fitSchema }))
  .max(MOST_DISPLAY_FITS)
  .readonly();

export type DisplayFits = z.infer<typeof displayFitsSchema>;
