import { readFile } from 'node:fs/promises';
import { SynestheteError } from '../../../models/errors.ts';

/** A show with its processes, its gallery and some displays takes about half of this. */
const LEAST_OPEN_FILES = 256;

/**
 * Refuses to begin where the system allows this process few open files: a show would fail in its middle, and everything
 * fails in another way. Where the limit is unknown nothing is refused.
 * @throws SynestheteError CANNOT_START
 */
export async function checkOpenFiles(limits = '/proc/self/limits'): Promise<void> {
  const text = await readFile(limits, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'EMFILE') return 'Max open files 0';
    return '';
  });
  const allowed = /^Max open files +(\d+)/mu.exec(text)?.[1];
  if (allowed === undefined || Number(allowed) >= LEAST_OPEN_FILES) return;
  throw new SynestheteError(
    'CANNOT_START',
    `the limit of open files is ${allowed}, and ${LEAST_OPEN_FILES} are needed: run "ulimit -n 4096" in a new shell (in a service of systemd: LimitNOFILE=4096)`,
  );
}
