import { resizePixels, type PixelSize } from '../../pictures/index.ts';

/**
 * What an encoder is given of the square that pictures are squashed to for all of them: the same pixels, or made smaller by the
 * cubic kernel. Trainings and models take the same way, so that features are the same in both.
 * @param pixels sRGB bytes [side, side, 3]
 */
export async function fromSquare(
  pixels: Uint8Array,
  side: number,
  { width, height }: PixelSize,
): Promise<Uint8Array> {
  if (width === side && height === side) return pixels;
  return resizePixels(pixels, { width: side, height: side }, { width, height, kernel: 'cubic' });
}
