import { readdir, readlink, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { SynestheteError } from './errors.ts';
import type { Remedy } from './remedy.ts';
import { temporaryBeside } from './temporary.ts';

/**
 * Writes a file beside its final place and renames it, so that a reader finds the old file or the whole new one and
 * never a part. A link stays a link: its target is replaced. A pipe or device is written directly.
 *
 * @param content in one piece, or as successive chunks (for contents too large to join).
 * @param options `mode`: permissions of a new file, as for `open` (by default 0o666 minus the umask). `flush`: the content is on the
 *   disk before the file takes its place, so that a power cut leaves the old one or the new one.
 * @throws SynestheteError WRITE_FAILED, with nothing left behind.
 */
export async function writeWhole(
  path: string,
  content: Uint8Array | string | Iterable<Uint8Array>,
  options: { readonly mode?: number; readonly flush?: boolean } = {},
): Promise<void> {
  let beside: string | undefined;
  try {
    const place = await placeOf(path);
    if (place.isSpecial) {
      await writeFile(place.path, content);
      return;
    }
    beside = await temporaryBeside(place.path);
    await writeFile(beside, content, { ...options, flag: 'wx' });
    await rename(beside, place.path);
  } catch (error) {
    if (beside !== undefined) await rm(beside, { force: true });
    throw writeFailure(path, error);
  }
}

/**
 * Removes a file that `writeWhole` may have written; for a link its target, so that the next write can follow the link
 * again. A missing file is no failure.
 * @throws SynestheteError WRITE_FAILED
 */
export async function removeWhole(path: string): Promise<void> {
  try {
    await rm((await placeOf(path)).path, { force: true });
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/**
 * Removes half-written files of `writeWhole` beside files with these names, left by a killed process. No other process
 * may be writing them.
 */
export async function removeHalfWritten(folder: string, names: readonly string[]): Promise<void> {
  const found = await readdir(folder).catch(() => []);
  const isLeft = (name: string): boolean => {
    const [, of] = /^(.+?)\.(?:[0-9a-f]{8}-\d+-[0-9a-f]{8}-)?[0-9a-f]{8}\.part$/.exec(name) ?? [];
    return of !== undefined && names.includes(of);
  };
  for (const name of found.filter(isLeft)) await rm(join(folder, name), { force: true });
}

async function placeOf(path: string): Promise<{ readonly path: string; readonly isSpecial: boolean }> {
  try {
    const place = await realpath(path);
    const found = await stat(place);
    return { path: place, isSpecial: !found.isFile() && !found.isDirectory() };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    // A link to a missing file is still a link.
    return { path: await endOfLinks(path), isSpecial: false };
  }
}

/** The target of links when the last one leads to a missing file. */
async function endOfLinks(path: string): Promise<string> {
  const target = await readlink(path).catch(() => undefined);
  // Relative to the folder that really holds the link, like the system. There is no loop: realpath refuses one.
  return target === undefined ? path : endOfLinks(resolve(await realpath(dirname(path)), target));
}

/** The error that explains in one line why `path` can't be written. */
export function writeFailure(path: string, error: unknown, remedy?: Remedy): SynestheteError {
  if (error instanceof SynestheteError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new SynestheteError('WRITE_FAILED', `${path} can't be written: ${reasons[code ?? ''] ?? message}`, {
    cause: error,
    remedy,
  });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  EACCES: 'permission denied',
  EBUSY: 'it is in use, or a disk is mounted there',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
};
