import { SynestheteError } from '../errors.ts';
import { isLock, tryLock, type Held } from '../lock.ts';

/**
 * Takes the lock of an index folder, so that two runs can't write there at once.
 * @returns releases the lock
 * @throws SynestheteError INDEX_BUSY when another run is at work; WRITE_FAILED
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  const lock = await tryLock(path);
  if (isLock(lock)) return lock.release;
  throw new SynestheteError(
    'INDEX_BUSY',
    `${wordsOf(lock)} is writing this index already: wait until it is done (if it can't be, remove ${path})`,
  );
}

function wordsOf({ owner, isOnThisMachine }: Held): string {
  if (owner === undefined) return 'another run';
  return isOnThisMachine ? `process ${owner.pid}` : `a run on ${owner.host}`;
}
