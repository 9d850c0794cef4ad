import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Model } from '../model/index.ts';
import type { Screen } from '../screens.ts';

/** Longest side, in pixels, of the pictures for displays. Smaller pictures keep their size. */
export const RENDITION_SIDE = 1920;
/** Longest side, in pixels, of the thumbnails in the console's gallery browser. */
export const THUMBNAIL_SIDE = 320;

/** The folder of a gallery's index unless another one is named: hidden, among the pictures. */
export function defaultIndexFolder(gallery: string): string {
  return join(gallery, '.synesthete');
}

/**
 * Paths of the parts of an index. One folder holds the indexes of several models, so that a show can switch between
 * them. They share renditions and thumbnails, which never change and are named by the content of their picture.
 */
export interface IndexLayout {
  readonly folder: string;
  /** The index that readers open: always whole, replaced by renaming. */
  readonly index: string;
  /** The work so far of an unfinished run. */
  readonly journal: string;
  /** Held by the run that writes in the folder. */
  readonly lock: string;
}

export const INDEX_SUFFIX = '.index';
export const NEIGHBOURS_SUFFIX = '.neighbours';

export function layoutOf(folder: string, model: Pick<Model, 'fingerprint'>): IndexLayout {
  const name = join(folder, model.fingerprint.slice(0, 16));
  return {
    folder,
    index: `${name}${INDEX_SUFFIX}`,
    journal: `${name}.journal`,
    lock: join(folder, 'lock'),
  };
}

/** `renditions` and `thumbnails` are made of every picture, `screens` when a display first wants them. */
export const RENDITION_KINDS = ['renditions', 'thumbnails', 'screens'] as const;

type RenditionKind = (typeof RENDITION_KINDS)[number];

/** How many hexadecimal digits of a picture's SHA-256 name its renditions. */
export const CONTENT_NAME_DIGITS = 32;

/** @param content SHA-256 of the picture's file, in hex */
export function renditionPath(folder: string, kind: 'renditions' | 'thumbnails', content: string): string {
  return join(folder, kind, content.slice(0, 2), `${content.slice(0, CONTENT_NAME_DIGITS)}.jpg`);
}

/** Where the rendition for a screen lies. @param content as above */
export function screenPath(folder: string, content: string, { width, height, fit }: Screen): string {
  const name = `${content.slice(0, CONTENT_NAME_DIGITS)}-${width}x${height}-${fit}.jpg`;
  return join(folder, 'screens', content.slice(0, 2), name);
}

/** The bank a picture belongs to: its folder, relative to the gallery; null for pictures directly in the gallery. */
export function bankOf(file: string): string | null {
  const end = file.lastIndexOf('/');
  return end < 0 ? null : file.slice(0, end);
}

/** All banks that pictures of this one belong to: itself and the folders around it. */
export function banksAround(bank: string): string[] {
  const parts = bank.split('/');
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}

/** All existing renditions of a kind. They are spread over folders so that none holds too many files. */
export async function listRenditions(folder: string, kind: RenditionKind): Promise<string[]> {
  const paths: string[] = [];
  for (const shard of await namesIn(join(folder, kind))) {
    for (const name of await namesIn(join(folder, kind, shard))) paths.push(join(folder, kind, shard, name));
  }
  return paths;
}

/** The digits of the content that name a rendition. */
export function contentNameOf(path: string): string {
  return basename(path).slice(0, CONTENT_NAME_DIGITS);
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}
