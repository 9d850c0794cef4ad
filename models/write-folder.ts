import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeFolders } from './make-folders.ts';
import { SynestheteError } from './errors.ts';
import type { Remedy } from './remedy.ts';
import { temporaryBeside } from './temporary.ts';
import { writeFailure } from './write-whole.ts';

export interface FolderOptions {
  /** Whether an entry of a replaced folder stays, by its name; by default none does. */
  readonly stays?: (name: string) => boolean;
  /** Whether a folder that is not empty may be replaced, like one of the same kind. By default none may. */
  readonly mayReplace?: (folder: string) => Promise<boolean>;
}

/**
 * Makes a folder whole or not at all: fills it beside its place and renames it. It replaces an empty folder, or one
 * that may be replaced; entries that stay move into the new folder, or remain in a folder `….former` beside it if that
 * fails.
 *
 * @param fill writes the files into the given folder.
 * @throws SynestheteError USAGE when there is a file, or a folder with something in it that may not be replaced;
 * WRITE_FAILED, with nothing left behind; what `fill` throws.
 */
export async function writeFolder(
  path: string,
  fill: (folder: string) => Promise<void>,
  options: FolderOptions = {},
): Promise<void> {
  const isReplaced = await isThere(path, options);
  const beside = await temporaryBeside(resolve(path));
  try {
    await mkdir(beside);
    await fill(beside);
    await (isReplaced ? replace(path, beside, options) : rename(beside, path));
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    throw writeFailure(path, error);
  }
}

/**
 * Fails like `writeFolder`, before the contents have been computed.
 * @throws SynestheteError USAGE, WRITE_FAILED
 */
export async function checkFolder(path: string, options: FolderOptions = {}): Promise<void> {
  const isReplaced = await isThere(path, options);
  const beside = await temporaryBeside(resolve(path));
  try {
    await mkdir(beside);
    try {
      if (isReplaced) await checkRename(path, beside);
    } finally {
      await rm(beside, { recursive: true, force: true });
    }
  } catch (error) {
    throw writeFailure(path, error);
  }
}

/**
 * Rejects where a folder can't be renamed, such as one on which a disk is mounted, and moves nothing: a folder can't be renamed
 * onto one with something in it, which is found out last. (Windows gives the same reason for everything.)
 * @param beside an empty folder
 */
async function checkRename(path: string, beside: string): Promise<void> {
  if (process.platform === 'win32') return;
  await mkdir(join(beside, 'occupied'));
  try {
    await rename(path, beside);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/**
 * Makes a folder, and those above it, unless it is there.
 * @param remedy what to do when it can't be made
 * @throws SynestheteError WRITE_FAILED
 */
export async function makeFolder(path: string, remedy?: Remedy): Promise<void> {
  try {
    await makeFolders(path);
  } catch (error) {
    throw writeFailure(path, error, remedy);
  }
}

/** What a folder is called that another takes the place of. It holds what a person may miss, and nothing removes it later. */
function formerOf(path: string): string {
  return `${resolve(path)}.${randomBytes(4).toString('hex')}.former`;
}

/**
 * @returns whether there is a folder, which is empty or may be replaced
 * @throws SynestheteError USAGE when something else is there
 */
async function isThere(path: string, { mayReplace }: FolderOptions): Promise<boolean> {
  const refusal = (what: string) =>
    new SynestheteError('USAGE', `${path} ${what}; name a folder that does not exist yet`);
  try {
    if ((await readdir(path)).length === 0) return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return false;
    throw code === 'ENOTDIR' ? refusal('is a file') : writeFailure(path, error);
  }
  if ((await mayReplace?.(path)) === true) return true;
  throw refusal('exists already and is not empty');
}

async function replace(path: string, by: string, { stays }: FolderOptions): Promise<void> {
  const former = formerOf(path);
  await rename(path, former);
  try {
    await rename(by, path);
  } catch (error) {
    await rename(former, path);
    throw error;
  }
  for (const name of await readdir(former)) {
    if (stays?.(name) === true) await rename(join(former, name), join(path, name));
  }
  await rm(former, { recursive: true, force: true });
}
