import type { Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SynestheteError } from '../errors.ts';
import { Exclusions, PATTERNS_NAME, type ExcludedFiles } from './exclusions.ts';
import type { SeenFile } from './journal.ts';
import { MOODS_NAME } from '../moods/index.ts';

export interface BrokenFile {
  /** Relative to the gallery, with '/' between folders. */
  readonly file: string;
  /** One line. */
  readonly reason: string;
}

export interface Scan {
  /** Ordered by name, as code units: each bank's pictures follow each other. */
  readonly files: readonly SeenFile[];
  /** The gallery's folders, with itself, as absolute paths. */
  readonly folders: readonly string[];
  /** Folders that can't be read, and broken links. */
  readonly unreadable: readonly BrokenFile[];
  readonly excluded: readonly ExcludedFiles[];
}

/**
 * All files of a gallery. Hidden ones (their names begin with a dot), its table of moods and the index's own folder are
 * passed over; links are followed, and no folder is entered twice.
 * @param exclude patterns of names to leave out (see `Exclusions`)
 * @throws SynestheteError FILE_NOT_FOUND when the gallery itself can't be read
 */
export async function scanGallery(
  gallery: string,
  indexFolder: string,
  exclude: readonly string[] = [],
): Promise<Scan> {
  const exclusions = new Exclusions(gallery, exclude);
  const files: SeenFile[] = [];
  const folders: string[] = [];
  const unreadable: BrokenFile[] = [];
  const visited = new Set<string>();
  const own = await realpath(indexFolder).catch(() => undefined);
  if (own !== undefined) visited.add(own);

  const enter = async (folder: string): Promise<void> => {
    const path = join(gallery, folder);
    const place = await realpath(path);
    if (visited.has(place)) return;
    visited.add(place);
    const isOther = (name: string): boolean => name.startsWith('.') || (folder === '' && name === MOODS_NAME);
    const all = await readdir(path);
    folders.push(path);
    const inGallery = (name: string): string => (folder === '' ? name : `${folder}/${name}`);
    if (all.includes(PATTERNS_NAME)) await readPatterns(folder, inGallery(PATTERNS_NAME));
    for (const name of all.filter((name) => !isOther(name))) await visit(inGallery(name));
  };
  const readPatterns = async (folder: string, file: string): Promise<void> => {
    try {
      await exclusions.readPatternsOf(folder);
    } catch (error) {
      unreadable.push({ file, reason: reasonOf(file, error) });
    }
  };
  const visit = async (file: string): Promise<void> => {
    try {
      const found = await stat(join(gallery, file));
      if (exclusions.leavesOut(file, found.isDirectory())) return;
      if (found.isDirectory()) await enter(file);
      else if (found.isFile()) files.push(seenFile(file, found));
    } catch (error) {
      unreadable.push({ file, reason: reasonOf(file, error) });
    }
  };

  try {
    await enter('');
  } catch (error) {
    throw new SynestheteError(
      'FILE_NOT_FOUND',
      `the gallery ${gallery} can't be read: ${reasonOf('', error)}`,
      {
        cause: error,
      },
    );
  }
  files.sort((a, b) => (a.file < b.file ? -1 : 1));
  return { files, folders, unreadable, excluded: exclusions.found };
}

function seenFile(file: string, { size, mtimeMs, ctimeMs, ino }: Stats): SeenFile {
  return { file, bytes: size, modifiedMs: mtimeMs, changedMs: ctimeMs, inode: ino };
}

function reasonOf(file: string, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (file.includes('\uFFFD')) return 'its name is not UTF-8: rename it';
  if (code === 'ENOENT') return 'it does not exist, or is a broken link';
  if (code === 'ENOTDIR') return 'it is no folder';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  if (code === 'ELOOP') return 'it is a link that leads to itself';
  return message;
}
