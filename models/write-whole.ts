import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { SynestheteError } from './errors.ts';

/**
 * Writes a file beside its final place and renames it, so that a reader finds the old file or the whole new one and
 * never a part.
 *
 * @throws SynestheteError WRITE_FAILED, with nothing left behind.
 */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString('hex')}.part`;
  try {
    await writeFile(beside, content, { flag: 'wx' });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    const { code, message } = error as NodeJS.ErrnoException;
    throw new SynestheteError('WRITE_FAILED', `${path} can't be written: ${reasons[code ?? ''] ?? message}`, {
      cause: error,
    });
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
};
