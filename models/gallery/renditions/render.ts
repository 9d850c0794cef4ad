import { availableParallelism } from 'node:os';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SynestheteError, messageOf } from '../../errors.ts';
import type { Screen } from '../../screens.ts';
import { mapAhead } from '../budget.ts';
import { RENDITION_SIDE, renditionPath, screenPath } from '../layout.ts';
import { DiskBound } from './disk-bound.ts';
import { isCopyEnough } from './geometry.ts';
import { makeRendition, type RenditionRequest } from './make.ts';

interface Rendered {
  readonly file: string;
  readonly content: string;
  readonly width: number;
  readonly height: number;
}

interface RenderOptions {
  readonly gallery: string;
  readonly indexFolder: string;
  readonly screens: readonly Screen[];
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Called with one line for each picture that fails, and where the disk has no room. */
  readonly notice?: ((line: string) => void) | undefined;
  /** Of all renditions for screens; 8 GiB unless set. */
  readonly mostBytes?: number;
}

/**
 * Makes the renditions of pictures for screens that are missing and do better than the small copy.
 * @returns how many were made
 * @throws SynestheteError WRITE_FAILED; the signal's reason
 */
export async function renderForScreens(
  pictures: readonly Rendered[],
  { gallery, indexFolder, screens, signal, onProgress, notice, mostBytes }: RenderOptions,
): Promise<number> {
  const wanted = new Map<string, RenditionRequest>();
  for (const picture of pictures) {
    const { content } = picture;
    const copy = renditionPath(indexFolder, 'renditions', content);
    for (const screen of screens) {
      if (isCopyEnough(picture, RENDITION_SIDE, screen)) continue;
      const path = screenPath(indexFolder, content, screen);
      if (existsSync(path)) continue;
      wanted.set(path, { file: join(gallery, picture.file), content, copy, screen, path });
    }
  }
  const bound = new DiskBound(indexFolder, mostBytes);
  let made = 0;
  let done = 0;
  const disk = { hasRoom: true };
  const render = async (request: RenditionRequest): Promise<boolean> => {
    signal?.throwIfAborted();
    disk.hasRoom &&= (await bound.free()) > 0 && (await bound.hasRoom());
    if (!disk.hasRoom) return false;
    try {
      await makeRendition(request);
      await bound.add(request.path);
      return true;
    } catch (error) {
      if (!(error instanceof SynestheteError) || error.code === 'WRITE_FAILED') throw error;
      notice?.(`no rendition for screens of ${request.file}: ${messageOf(error)}`);
      return false;
    }
  };
  onProgress?.(0, wanted.size);
  for await (const isMade of mapAhead(wanted.values(), availableParallelism(), render)) {
    if (isMade) made++;
    onProgress?.(++done, wanted.size);
  }
  if (!disk.hasRoom)
    notice?.('the renditions for screens have no more room: a show makes the others when it wants them');
  return made;
}
