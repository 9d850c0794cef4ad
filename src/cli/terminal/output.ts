import { once } from 'node:events';
import { writeFailure } from '../../../models/write-whole.ts';
import { reportAndExit } from './failure.ts';

export const NO_WRAP = '\x1b[?7l';
export const WRAP = '\x1b[?7h';

/**
 * Writes to standard output and waits until the reader has taken it, so that a slow reader slows the program down
 * instead of filling its memory. See `endQuietlyWhenOutputCloses` for a reader that leaves.
 */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/**
 * A reader that has seen enough (`| head -1`) is no failure: the program ends with 0 and says nothing. Any other
 * failure of standard output (a full disk) gives one line.
 */
export function endQuietlyWhenOutputCloses(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    reportAndExit(writeFailure('standard output', error), false);
  });
  // Ignore failures of standard error.
  process.stderr.on('error', () => undefined);
}

/** Colour is for a terminal, unless https://no-color.org or TERM=dumb says otherwise. */
export function useColour(): boolean {
  const { NO_COLOR, TERM } = process.env;
  return process.stdout.isTTY && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
}

/** Cuts lines that are wider than the terminal instead of wrapping them. */
export function unwrapped(text: string): string {
  return useColour() ? `${NO_WRAP}${text}${WRAP}` : text;
}
