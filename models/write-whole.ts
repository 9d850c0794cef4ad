import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { SynestheteError } from './errors.ts';

/**
 * Writes a file beside its final place and renames it, so that a reader finds the old file or the whole new one and
 * never a part.
 *
 * @param content in one piece, or as chunks that are written one after the other (for what is too large to be joined).
 * @throws SynestheteError WRITE_FAILED, with nothing left behind.
 */
export async function writeWhole(
  path: string,
  content: Uint8Array | string | Iterable<Uint8Array>,
): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString('hex')}.part`;
  try {
    await writeFile(beside, content, { flag: 'wx' });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw writeFailure(path, error);
  }
}

/** The error that says in one line why `path` can't be written. */
export function writeFailure(path: string, error: unknown): SynestheteError {
  if (error instanceof SynestheteError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new SynestheteError('WRITE_FAILED', `${path} can't be written: ${reasons[code ?? ''] ?? message}`, {
    cause: error,
  });
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
};
