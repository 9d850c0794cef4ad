import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { SynestheteError } from '../errors.ts';
import { readWhole } from '../read-file.ts';
import { writeWhole } from '../write-whole.ts';
import type { Entry } from './entries.ts';

/**
 * Pictures that a person has put on a list: SHA-256 of the content, in hex, to the file's name. Content decides: a
 * renamed picture stays on the list, another picture under its name does not.
 */
export type HandList = ReadonlyMap<string, string>;

/** `allowed`: may be shown even if marked as unsafe. `hidden`: never shown, whatever else allows it. */
export type HandListName = 'allowed' | 'hidden';

/** Changes of the lists: pictures by their names relative to the gallery, or as paths. */
export interface HandListChanges {
  readonly allow?: readonly string[];
  readonly forbid?: readonly string[];
  readonly hide?: readonly string[];
  readonly unhide?: readonly string[];
}

/**
 * A list in the index folder, shared by the indexes of all models: one line a picture, in the format of sha256sum.
 */
export function handListPath(indexFolder: string, list: HandListName): string {
  return join(indexFolder, list);
}

const LINE = /^([0-9a-f]{64}) {2}(.+)$/u;

/**
 * @throws SynestheteError BAD_INDEX when a line is malformed
 */
export async function readHandList(indexFolder: string, list: HandListName): Promise<HandList> {
  const path = handListPath(indexFolder, list);
  let text: string;
  try {
    text = (await readWhole(path)).toString('utf8');
  } catch (error) {
    if (error instanceof SynestheteError && error.code === 'FILE_NOT_FOUND') return new Map();
    throw error;
  }
  const lines = text.split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((line, i) => {
      const [, content, file] = LINE.exec(line) ?? [];
      if (content !== undefined && file !== undefined) return [content, file];
      throw new SynestheteError(
        'BAD_INDEX',
        `${path}, line ${i + 1} is not a SHA-256, two spaces and a file: delete that line`,
      );
    }),
  );
}

/**
 * @param entries the pictures that names are looked up in
 * @param add names to put on the list
 * @param remove names to take from it, by its own names too
 * @returns the list as it is then
 * @throws SynestheteError USAGE when a file is not there; BAD_INDEX, WRITE_FAILED
 */
export async function changeHandList(
  gallery: string,
  indexFolder: string,
  list: HandListName,
  entries: readonly Pick<Entry, 'file' | 'content'>[],
  { add = [], remove = [] }: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
): Promise<HandList> {
  const listed = new Map(await readHandList(indexFolder, list));
  if (add.length + remove.length === 0) return listed;
  const inIndex = new Map(entries.map(({ file, content }) => [file, content]));
  const byName = new Map([...listed].map(([content, file]) => [file, content]));
  const contentOf = (name: string, ...places: readonly ReadonlyMap<string, string>[]) => {
    for (const file of [name, inGallery(gallery, name)]) {
      const content = places.map((place) => place.get(file)).find((found) => found !== undefined);
      if (content !== undefined) return { file, content };
    }
    throw new SynestheteError(
      'USAGE',
      `${name} is not in the index of ${gallery}: name a picture as "synesthete index" lists it`,
    );
  };
  for (const { file, content } of add.map((name) => contentOf(name, inIndex, byName))) {
    listed.set(content, file.replaceAll('\n', ' '));
  }
  for (const { content } of remove.map((name) => contentOf(name, inIndex, byName))) listed.delete(content);
  const lines = [...listed].map(([content, file]) => `${content}  ${file}\n`);
  await writeWhole(handListPath(indexFolder, list), lines.sort().join(''));
  return listed;
}

/** A path as a name in the gallery, with '/' between folders. */
function inGallery(gallery: string, path: string): string {
  const name = relative(resolve(gallery), isAbsolute(path) ? path : resolve(path));
  return name.split(sep).join('/');
}
