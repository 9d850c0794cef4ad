import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Enough to keep a disk busy without thousands of requests at once. */
const TOGETHER = 64;

/**
 * Paths of the regular files that tables name, by name, without missing ones.
 * @param names distinct; paths below the folder
 */
export async function namedFiles(
  folder: string,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (let first = 0; first < names.length; first += TOGETHER) {
    await Promise.all(
      names.slice(first, first + TOGETHER).map(async (name) => {
        const path = await placeOf(join(folder, name), folder);
        if (path !== undefined && (await stat(path).catch(() => undefined))?.isFile() === true) {
          found.set(name, path);
        }
      }),
    );
  }
  return found;
}

/** The path itself, or the existing one in another Unicode form, as another system writes it. */
async function placeOf(path: string, folder: string): Promise<string | undefined> {
  if ((await stat(path).catch(() => undefined)) !== undefined) return path;
  if (path === folder || dirname(path) === path || path.normalize('NFC') === path.normalize('NFD')) {
    return undefined;
  }
  const parent = await placeOf(dirname(path), folder);
  if (parent === undefined) return undefined;
  const wanted = basename(path).normalize();
  const entry = (await readdir(parent).catch(() => [])).find((name) => name.normalize() === wanted);
  return entry === undefined ? undefined : join(parent, entry);
}
