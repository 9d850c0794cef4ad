import { readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbandoned } from '../temporary.ts';
import { contentNameOf, INDEX_SUFFIX, listRenditions, NEIGHBOURS_SUFFIX, RENDITION_KINDS } from './layout.ts';
import { readIndex, removeOutlived } from './outlived.ts';

/** How long unneeded files are kept for displays that still show them. */
const RETENTION_MS = 3_600_000;

/**
 * Removes the indexes of refined models that no longer exist, the renditions that no index of the folder has needed for
 * an hour, and half-written files of killed runs.
 * @param hadBefore whether the previous index had a picture whose renditions have this name
 */
export async function sweep(folder: string, hadBefore: (contentName: string) => boolean): Promise<void> {
  const outlived = await removeOutlived(folder, await readdir(folder));
  const names = await readdir(folder);
  const used = await usedBy(
    names.filter((name) => name.endsWith(INDEX_SUFFIX)).map((name) => join(folder, name)),
  );
  if (used === undefined) return;
  for (const name of names) {
    const isLeft = name.endsWith('.part') || name.startsWith('lock.');
    const isUnused = name.endsWith(NEIGHBOURS_SUFFIX) && !used.neighbours.has(name);
    if (isLeft || isUnused) await removeOld(join(folder, name));
  }
  for (const kind of RENDITION_KINDS) {
    for (const path of await listRenditions(folder, kind)) {
      const content = contentNameOf(path);
      if (used.contents.has(content) && !path.endsWith('.part')) continue;
      if (hadBefore(content) || outlived.has(content)) await markUnused(path);
      else await removeOld(path);
    }
  }
}

/** @returns undefined when an index can't be read: what it needs is unknown until it is rebuilt */
async function usedBy(indexes: readonly string[]) {
  const contents = new Set<string>();
  const neighbours = new Set<string>();
  for (const path of indexes) {
    const found = await readIndex(path);
    if (found === undefined) return undefined;
    for (const content of found.contents) contents.add(content);
    if (found.neighbours) neighbours.add(found.neighbours.file);
  }
  return { contents, neighbours };
}

async function removeOld(path: string): Promise<void> {
  if (await isAbandoned(path)) await rm(path, { recursive: true, force: true });
  const found = await stat(path).catch(() => undefined);
  if (found !== undefined && Date.now() - found.mtimeMs > RETENTION_MS) await rm(path, { force: true });
}

/** Restart the retention timer. */
async function markUnused(path: string): Promise<void> {
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
}
