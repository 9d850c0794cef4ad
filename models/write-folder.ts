import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, rmdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SynestheteError } from './errors.ts';
import { writeFailure } from './write-whole.ts';

/**
 * Makes a folder whole or not at all: it is filled beside its place and renamed. An empty one is replaced.
 *
 * @param fill writes its files into the folder it is given.
 * @throws SynestheteError USAGE when there is a file or a folder with something in it already; WRITE_FAILED, with
 * nothing left behind; what `fill` throws.
 */
export async function writeFolder(path: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const beside = `${resolve(path)}.${randomBytes(4).toString('hex')}.part`;
  try {
    await rmdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') {
      const what = code === 'ENOTDIR' ? 'is a file' : 'exists already and is not empty';
      throw new SynestheteError('USAGE', `${path} ${what}; name a folder that does not exist yet`);
    }
  }
  try {
    await mkdir(beside);
    await fill(beside);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    throw writeFailure(path, error);
  }
}
