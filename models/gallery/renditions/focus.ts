import sharp from 'sharp';
import { CENTRE, type Focus } from './geometry.ts';

/**
 * Where the eye goes first in a picture: what is brightest, most saturated or of the colour of skin, by libvips' smart crop
 * (`vips_smartcrop`, attention).
 * @param file a small copy of it
 * @param part the part of the picture that is going to be shown, in [0, 1] of its width and height
 * @throws the decoder's error when the copy can't be read
 */
export async function focusOf(
  file: string,
  part: { readonly width: number; readonly height: number },
): Promise<Focus> {
  const { width, height } = await sharp(file).metadata();
  const wanted = {
    width: Math.max(1, Math.round(part.width * width)),
    height: Math.max(1, Math.round(part.height * height)),
  };
  // Nothing is left out, so there is nothing to choose.
  if (wanted.width >= width && wanted.height >= height) return CENTRE;
  const { info } = await sharp(file)
    .resize({ ...wanted, fit: 'cover', position: sharp.strategy.attention })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { attentionX, attentionY } = info;
  if (attentionX === undefined || attentionY === undefined) return CENTRE;
  return { x: attentionX / width, y: attentionY / height };
}
