import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SynestheteError } from '../errors.ts';
import { isModelIn } from '../model/index.ts';
import { isUsed } from './in-use.ts';
import { IndexReader } from './index-file.ts';
import { CONTENT_NAME_DIGITS, INDEX_SUFFIX, layoutOf } from './layout.ts';

/**
 * Removes the indexes of refined models that no longer exist: each refinement replaces the previous refined model,
 * whose index nothing can open any more. An index stays while a show uses it, while nothing shows whether its model
 * exists, and while the base model's index is missing (with that one, the index could be made again at once if its
 * model was only moved).
 *
 * @param folder of the indexes, whose lock is held
 * @returns names of the contents that they held: displays may still show them
 */
export async function removeOutlived(folder: string, names: readonly string[]): Promise<ReadonlySet<string>> {
  const contents = new Set<string>();
  for (const name of names.filter((each) => each.endsWith(INDEX_SUFFIX))) {
    const path = join(folder, name);
    const found = await readIndex(path);
    if (found === undefined) continue;
    const { fingerprint, refined } = found.model;
    if (refined === undefined || !existsSync(layoutOf(folder, { fingerprint: refined.base }).index)) continue;
    if ((await isModelIn(refined.folder, fingerprint)) !== false || (await isUsed(path))) continue;
    await rm(path, { force: true });
    await rm(layoutOf(folder, { fingerprint }).journal, { force: true });
    for (const content of found.contents) contents.add(content);
  }
  return contents;
}

/** The model of an index and the names of its contents; undefined when it can't be read. */
export async function readIndex(path: string) {
  try {
    const reader = await IndexReader.open(path);
    try {
      const hashes = Buffer.from(await reader.read('contents'));
      const contents = Array.from({ length: hashes.length / 32 }, (_, row) =>
        hashes.toString('hex', 32 * row, 32 * row + CONTENT_NAME_DIGITS / 2),
      );
      const { model, neighbours } = reader.directory;
      return { model, neighbours, contents };
    } finally {
      await reader.close();
    }
  } catch (error) {
    if (error instanceof SynestheteError) return undefined;
    throw error;
  }
}
