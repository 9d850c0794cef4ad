import { dirname } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { makeFolders } from '../make-folders.ts';
import type { FittedPicture } from '../pictures/index.ts';
import { writeFailure, writeWhole } from '../write-whole.ts';

/** JPEG, because it encodes five times as fast as WebP, which would take half of the time spent outside the model. */
const RENDITION_QUALITY = 82;

/** Decoded pixels, to be worked on. */
export function fromPixels({ pixels, width, height }: FittedPicture): Sharp {
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** Writes what displays show. @throws SynestheteError WRITE_FAILED */
export async function writeRendition(fitted: FittedPicture, path: string): Promise<void> {
  const jpeg = fromPixels(fitted).jpeg({ quality: RENDITION_QUALITY, optimiseCoding: false });
  await writeBelow(path, await jpeg.toBuffer());
}

/** Writes a file, and makes its folder where that is missing. @throws SynestheteError WRITE_FAILED */
export async function writeBelow(path: string, content: Uint8Array): Promise<void> {
  try {
    await makeFolders(dirname(path));
  } catch (error) {
    throw writeFailure(path, error);
  }
  await writeWhole(path, content);
}
