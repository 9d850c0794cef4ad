import { resizePixels, type PixelSize } from '../../pictures/index.ts';

/**
 * The input of an encoder from the square that pictures are squashed to for all encoders: the same pixels, or resized
 * by the cubic kernel. Training and models both use it, so that their features are the same.
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
