import { sha256 } from '../../checksum.ts';
import { SynestheteError } from '../../errors.ts';
import { cut, openPicture } from '../../pictures/index.ts';
import type { Screen } from '../../screens.ts';
import { writeRendition } from '../write-jpeg.ts';
import { focusOf } from './focus.ts';
import { cutFor } from './geometry.ts';

/** A rendition to be made; paths are absolute. */
export interface RenditionRequest {
  /** The picture in the gallery. */
  readonly file: string;
  /** SHA-256 that it had when it was indexed, in hex. */
  readonly content: string;
  /** A small copy of the whole picture. */
  readonly copy: string;
  readonly screen: Screen;
  /** Where the rendition is written, whole or not at all. */
  readonly path: string;
}

/**
 * Makes the rendition of a picture for a screen.
 * @throws SynestheteError FILE_NOT_FOUND when the picture is gone or another one now, NOT_A_FILE, BAD_PICTURE, WRITE_FAILED
 */
export async function makeRendition({ file, content, copy, screen, path }: RenditionRequest): Promise<void> {
  const picture = await openPicture(file);
  if (sha256(picture.bytes) !== content) {
    throw new SynestheteError(
      'FILE_NOT_FOUND',
      `${file} has changed since it was indexed: index the gallery again`,
    );
  }
  const { part } = cutFor(picture, screen);
  const focus = await focusIn(copy, {
    width: part.width / picture.width,
    height: part.height / picture.height,
  });
  const cutOut = await cut(picture, (size) => cutFor(size, screen, focus), { onLoss: () => undefined });
  await writeRendition(cutOut, path);
}

async function focusIn(copy: string, part: Parameters<typeof focusOf>[1]) {
  try {
    return await focusOf(copy, part);
  } catch (cause) {
    throw new SynestheteError('FILE_NOT_FOUND', `${copy} can't be read: index the gallery again`, { cause });
  }
}
