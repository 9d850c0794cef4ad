import { InvalidArgumentError } from 'commander';
import { DEFAULT_FIT, FITS, isScreenSize, SCREEN_SIZES, type Screen } from '../../../models/screens.ts';

const SIZES = SCREEN_SIZES.map(({ width, height }) => `${width}x${height}`).join(', ');

export const RENDITIONS_HELP =
  'make the pictures for screens of these sizes now, not when a display first wants them: as 3840x2160, or 3840x2160-pan for a ' +
  `fit (${FITS.join(', ')}; default: ${DEFAULT_FIT})`;

/** `3840x2160` or `3840x2160-pan`, added to those before. @throws InvalidArgumentError */
export function screenOption(text: string, before: readonly Screen[] = []): Screen[] {
  const [, width, height, name = DEFAULT_FIT] = /^(\d+)[x×](\d+)(?:-(\w+))?$/u.exec(text) ?? [];
  const size = { width: Number(width), height: Number(height) };
  const fit = FITS.find((each) => each === name);
  if (!isScreenSize(size)) throw new InvalidArgumentError(`Choose ${SIZES}.`);
  if (fit === undefined)
    throw new InvalidArgumentError(`Choose ${FITS.join(', ')} after the size, as 3840x2160-pan.`);
  return [...before, { ...size, fit }];
}
