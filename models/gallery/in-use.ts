import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isHeld, takeLock } from './lock.ts';

/** Between an index's name and what tells its users apart. */
const MARK = '.used-';

/**
 * Marks an index as used by this process, so that no run takes it for one that nobody needs. Where the folder can't be
 * written there is no mark: then no run of this user removes anything there either.
 * @returns takes the mark away
 */
export async function markUsed(index: string): Promise<() => Promise<void>> {
  try {
    return await takeLock(`${index}${MARK}${process.pid}-${randomBytes(4).toString('hex')}`);
  } catch {
    return () => Promise.resolve();
  }
}

/** Whether a process that runs has marked an index. Marks of processes that have ended are removed. */
export async function isUsed(index: string): Promise<boolean> {
  let used = false;
  for (const name of await readdir(dirname(index))) {
    if (!name.startsWith(`${basename(index)}${MARK}`)) continue;
    const path = join(dirname(index), name);
    if (await isHeld(path)) used = true;
    else await rm(path, { force: true });
  }
  return used;
}
