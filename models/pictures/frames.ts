import sharp from 'sharp';

/** Frames that are looked at, spread over the animation. */
const LOOKED_AT = 8;
const SIDE = 32;
/** An earlier frame is taken if it is nearly as full as the fullest. */
const NEARLY = 0.9;

/**
 * The fullest frame of an animation, by the deviation of its colours: many begin black, or with an empty page.
 * @param encoded the whole file
 * @param frames how many it has
 * @returns its number, from 0
 * @throws the decoder's error when a frame is damaged
 */
export async function fullestFrame(encoded: Uint8Array, frames: number): Promise<number> {
  const count = Math.min(frames, LOOKED_AT);
  const numbers = Array.from({ length: count }, (_, i) => Math.floor((i * frames) / count));
  const deviations: number[] = [];
  for (const page of numbers) {
    const pixels = await sharp(encoded, { page, failOn: 'error' })
      .flatten({ background: 'black' })
      .toColourspace('srgb')
      .resize(SIDE, SIDE, { fit: 'fill' })
      .raw()
      .toBuffer();
    const { channels } = await sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } }).stats();
    deviations.push(Math.max(...channels.map(({ stdev }) => stdev)));
  }
  const wanted = NEARLY * Math.max(...deviations);
  return numbers[deviations.findIndex((deviation) => deviation >= wanted)] ?? 0;
}
