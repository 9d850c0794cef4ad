import type { Clock } from './clock.ts';

/** Nothing came in time. */
export const OVERDUE = Symbol('overdue');

/**
 * What comes, or OVERDUE when it has not come within `ms`; the promise is not lost then and can be watched again. This is
 * the watchdog of everything live: only the wait for sound is timed, never the work that is done with it.
 */
export async function within<T>(
  coming: Promise<T>,
  ms: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<T | typeof OVERDUE> {
  const come = new AbortController();
  try {
    return await Promise.race([
      coming,
      clock.sleep(ms, AbortSignal.any([signal, come.signal])).then((): typeof OVERDUE => OVERDUE),
    ]);
  } finally {
    come.abort();
  }
}
