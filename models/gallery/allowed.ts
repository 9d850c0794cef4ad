import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { SynestheteError } from '../errors.ts';
import { readWhole } from '../read-file.ts';
import { writeWhole } from '../write-whole.ts';
import type { Entry } from './entries.ts';

/** Pictures that may be shown even if marked as unsafe: SHA-256 of the content, in hex, to the file's name. */
export type AllowedPictures = ReadonlyMap<string, string>;

/** Pictures that a run allows or no longer allows, relative to the gallery or as paths. */
export interface AllowChanges {
  readonly allow?: readonly string[];
  readonly forbid?: readonly string[];
}

/**
 * The list in the index folder, shared by the indexes of all models: one line a picture, in the format of sha256sum.
 */
export function allowedPath(indexFolder: string): string {
  return join(indexFolder, 'allowed');
}

const LINE = /^([0-9a-f]{64}) {2}(.+)$/u;

/**
 * @throws SynestheteError BAD_INDEX when a line is malformed
 */
export async function readAllowed(indexFolder: string): Promise<AllowedPictures> {
  const path = allowedPath(indexFolder);
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
 * Changes the list. Content decides: a renamed picture stays allowed, another picture under its name does not.
 * @param entries all pictures of the index
 * @throws SynestheteError USAGE when a file is not in the index; BAD_INDEX, WRITE_FAILED
 */
export async function changeAllowed(
  gallery: string,
  indexFolder: string,
  entries: readonly Pick<Entry, 'file' | 'content'>[],
  { allow = [], forbid = [] }: AllowChanges,
): Promise<AllowedPictures> {
  const allowed = new Map(await readAllowed(indexFolder));
  if (allow.length + forbid.length === 0) return allowed;
  const contents = new Map(entries.map(({ file, content }) => [file, content]));
  const found = (name: string): { file: string; content: string } => {
    const file = [name, inGallery(gallery, name)].find((candidate) => contents.has(candidate));
    if (file !== undefined) return { file, content: contents.get(file)! };
    throw new SynestheteError(
      'USAGE',
      `${name} is not in the index of ${gallery}: name a picture as "synesthete index" lists it`,
    );
  };
  for (const { file, content } of allow.map(found)) allowed.set(content, file.replaceAll('\n', ' '));
  for (const { content } of forbid.map(found)) allowed.delete(content);
  const lines = [...allowed].map(([content, file]) => `${content}  ${file}\n`);
  await writeWhole(allowedPath(indexFolder), lines.sort().join(''));
  return allowed;
}

/** A path as a name in the gallery, with '/' between folders. */
function inGallery(gallery: string, path: string): string {
  const name = relative(resolve(gallery), isAbsolute(path) ? path : resolve(path));
  return name.split(sep).join('/');
}
