import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SynestheteError } from '../errors.ts';
import { isLock, tryLock, type Lock } from '../lock.ts';
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

/** Both lists of a gallery. */
export type HandLists = Readonly<Record<HandListName, HandList>>;

export const NO_HAND_LISTS: HandLists = { allowed: new Map(), hidden: new Map() };

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

const LINE = /^([0-9a-f]{64}) {2}(.+)$/su;

/**
 * @throws SynestheteError BAD_INDEX when a line is malformed
 */
async function readHandList(indexFolder: string, list: HandListName): Promise<HandList> {
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

/** @throws SynestheteError BAD_INDEX when a line is malformed */
export async function readHandLists(indexFolder: string): Promise<HandLists> {
  const [allowed, hidden] = await Promise.all([
    readHandList(indexFolder, 'allowed'),
    readHandList(indexFolder, 'hidden'),
  ]);
  return { allowed, hidden };
}

/** A change of a list takes milliseconds. */
const LOCKED_AT_MOST_MS = 5000;
const TRY_AGAIN_MS = 25;

/**
 * Changes a list as it is on disk now, so that a show and a run of `synesthete index` lose none of each other's changes.
 * @param change changes the list that it is given
 * @returns the list as it is then
 * @throws SynestheteError BAD_INDEX, WRITE_FAILED; INDEX_BUSY when another program holds the lists; what `change` throws
 */
export async function updateHandList(
  indexFolder: string,
  list: HandListName,
  change: (listed: Map<string, string>) => void,
): Promise<HandList> {
  const lock = await lockLists(indexFolder);
  try {
    const listed = new Map(await readHandList(indexFolder, list));
    const before = textOf(listed);
    change(listed);
    const text = textOf(listed);
    if (text !== before) await writeWhole(handListPath(indexFolder, list), text);
    return listed;
  } finally {
    await lock.release();
  }
}

async function lockLists(indexFolder: string): Promise<Lock> {
  const path = join(indexFolder, 'hand-lists.lock');
  for (const giveUpAtMs = performance.now() + LOCKED_AT_MOST_MS; ;) {
    const lock = await tryLock(path);
    if (isLock(lock)) return lock;
    if (performance.now() > giveUpAtMs) {
      throw new SynestheteError(
        'INDEX_BUSY',
        `another program is changing what is allowed and hidden: try again (if it can't be, remove ${path})`,
      );
    }
    await sleep(TRY_AGAIN_MS);
  }
}

function textOf(list: HandList): string {
  const lines = [...list].map(
    ([content, file]) => `${content}  ${file.replaceAll(/[\n\r\u2028\u2029]/gu, ' ')}\n`,
  );
  return lines.sort().join('');
}

/**
 * @param entries the pictures that names are looked up in
 * @param add names to put on the list
 * @param remove names to take from it, by its own names too
 * @returns the list as it is then
 * @throws SynestheteError USAGE when a file is not there; as `updateHandList`
 */
export async function changeHandList(
  gallery: string,
  indexFolder: string,
  list: HandListName,
  entries: readonly Pick<Entry, 'file' | 'content'>[],
  { add = [], remove = [] }: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
): Promise<HandList> {
  if (add.length + remove.length === 0) return readHandList(indexFolder, list);
  const inIndex = new Map(entries.map(({ file, content }) => [file, content]));
  return updateHandList(indexFolder, list, (listed) => {
    const byName = new Map([...listed].map(([content, file]) => [file, content]));
    const contentOf = (name: string) => {
      for (const file of [name, inGallery(gallery, name)]) {
        const content = inIndex.get(file) ?? byName.get(file);
        if (content !== undefined) return { file, content };
      }
      throw new SynestheteError(
        'USAGE',
        `${name} is not in the index of ${gallery}: name a picture as "synesthete index" lists it`,
      );
    };
    for (const { file, content } of add.map(contentOf)) listed.set(content, file);
    for (const { content } of remove.map(contentOf)) listed.delete(content);
  });
}

/** A path as a name in the gallery, with '/' between folders. */
function inGallery(gallery: string, path: string): string {
  const name = relative(resolve(gallery), isAbsolute(path) ? path : resolve(path));
  return name.split(sep).join('/');
}
