import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isHeld } from '../lock.ts';
import { takeLock } from './lock.ts';

/** Separates an index's name from the id of its user. */
const MARK = '.used-';

/**
 * Marks an index as used by this process, so that no run removes it. A folder that can't be written gets no mark; then
 * no run of this user can remove anything there either.
 * @returns removes the mark
 */
export async function markUsed(index: string): Promise<() => Promise<void>> {
  try {
    return await takeLock(`${index}${MARK}${process.pid}-${randomBytes(4).toString('hex')}`);
  } catch {
    return () => Promise.resolve();
  }
}

/** Whether a running process has marked an index. Removes the marks of ended processes. */
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
