import type { DisplayReport, ShowMessage } from '../protocol/index.ts';

/** What can be wrong with a display, and the words for it. */
export const FAULTS = {
  silent: 'does not report what it shows',
  error: 'reports an error',
  hidden: 'its page is hidden',
  'not-black': 'not black in a blackout',
  black: 'black, and there is no blackout',
  'other-picture': 'does not show the picture on show',
  gone: 'gone: its page, machine or network failed',
} as const;

export type DisplayFault = keyof typeof FAULTS;

/** What is wrong in a report of a display that is asked to show this; undefined when nothing is. */
export function faultIn(
  report: DisplayReport,
  asked: Pick<ShowMessage['show'], 'state' | 'image'> | undefined,
): DisplayFault | undefined {
  const { picture, black = false, error = null, visible = true } = report;
  if (error !== null) return 'error';
  if (!visible) return 'hidden';
  if (asked === undefined) return undefined;
  if (asked.state === 'blackout') return black || picture === null ? undefined : 'not-black';
  if (black) return 'black';
  return picture === (asked.image?.id ?? null) ? undefined : 'other-picture';
}
