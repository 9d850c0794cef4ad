import { once } from 'node:events';

/**
 * Writes to standard output and waits until it is taken, so that a slow reader holds the program up instead of
 * filling its memory. See `endQuietlyWhenOutputCloses` for a reader that leaves.
 */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

/** A reader that has seen enough (`| head -1`) is no failure: the program ends with 0 and says nothing. */
export function endQuietlyWhenOutputCloses(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

/** Colour is for a terminal, unless https://no-color.org or TERM=dumb says otherwise. */
export function useColour(): boolean {
  const { NO_COLOR, TERM } = process.env;
  return process.stdout.isTTY && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
}
