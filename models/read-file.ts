import { open, readFile, type FileHandle } from 'node:fs/promises';
import { SynestheteError } from './errors.ts';

/** Reads a whole file. @throws SynestheteError FILE_NOT_FOUND or NOT_A_FILE. */
export async function readWhole(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw readFailure(path, error);
  }
}

/** Opens a file for reading. @throws SynestheteError FILE_NOT_FOUND or NOT_A_FILE. */
export async function openFile(path: string): Promise<FileHandle> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    if ((await file.stat()).isFile()) return file;
  } catch (error) {
    throw readFailure(path, error);
  }
  await file.close();
  throw new SynestheteError('NOT_A_FILE', `${path} is not a file`);
}

/** The error that explains in one line why `path` can't be read. */
export function readFailure(path: string, error: unknown): SynestheteError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'EISDIR') return new SynestheteError('NOT_A_FILE', `${path} is a folder, not a file`);
  const reason = { ENOENT: 'it does not exist', EACCES: 'permission denied' }[code ?? ''] ?? message;
  return new SynestheteError('FILE_NOT_FOUND', `${path} can't be read: ${reason}`, { cause: error });
}
