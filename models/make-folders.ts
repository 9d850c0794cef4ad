import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder, and those above it, unless it is there. On a disk that is read-only Node's recursive `mkdir` fails as if
 * the folder above were missing (Node 20 to 24); this fails with the system's own reason.
 *
 * @param make `mkdir` of Node
 * @returns the first folder that was made, undefined where none was
 */
export async function makeFolders(path: string, make: typeof mkdir = mkdir): Promise<string | undefined> {
  try {
    return await make(path, { recursive: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') await makeFrom(resolve(path), make);
    throw error;
  }
}

/** Makes the folders one by one, from the topmost that is missing: the first that can't be made says why. */
async function makeFrom(path: string, make: typeof mkdir): Promise<void> {
  try {
    await make(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    await makeFrom(dirname(path), make);
    await make(path);
  }
}
