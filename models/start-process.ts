import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { SynestheteError } from './errors.ts';

/** What a system that has run out of something answers, and what to do. These pass, while a missing program does not. */
const SHORTAGES: Readonly<Record<string, string>> = {
  EMFILE: 'too many files are open; raise the limit, for instance with "ulimit -n 4096"',
  ENFILE: 'the system has too many files open; end other programs',
  EAGAIN: 'there are too many processes; end other programs, or raise the limit ("ulimit -u")',
  ENOMEM: 'there is not enough memory; end other programs',
};

/** Whether a process can't be started for a reason that may pass by itself. */
export function isShortage(error: unknown): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return code === 'CANNOT_START' || (typeof code === 'string' && Object.hasOwn(SHORTAGES, code));
}

/** The error that explains in one line why a process can't be started. @param what such as "the analysis process" */
export function startFailure(what: string, error: unknown): SynestheteError {
  const { code = '', message } = error as NodeJS.ErrnoException;
  const reason = SHORTAGES[code];
  return new SynestheteError(
    'CANNOT_START',
    `${what} can't be started: ${reason === undefined ? message : `${reason} (${code})`}`,
    { cause: error },
  );
}

/**
 * Starts a process in whatever way it may fail: `fork` and `spawn` throw for some reasons, and for others return a process that
 * never was, without pipes, and emit an error.
 * @param start calls `fork` or `spawn`
 * @throws SynestheteError CANNOT_START
 */
export async function startProcess<T extends ChildProcess>(what: string, start: () => T): Promise<T> {
  let child: T;
  try {
    child = start();
  } catch (error) {
    throw startFailure(what, error);
  }
  if (child.pid !== undefined) return child;
  // `once` rejects only for an error while it waits for something else.
  const [error] = (await once(child, 'error')) as [unknown];
  throw startFailure(what, error);
}
