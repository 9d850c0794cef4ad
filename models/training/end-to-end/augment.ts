import sharp from 'sharp';
import { squash } from '../../pictures/index.ts';
import type { Picture, SquashedSize } from '../../pictures/index.ts';
import type { Random } from '../../random.ts';

/** The smallest part of a picture's width and height that a crop keeps. */
const LEAST_CROP = 0.75;
/** The smallest size that a picture is shrunk to before it is enlarged again, as a part of the side. */
const LEAST_SCALE = 0.4;
const LEAST_QUALITY = 30;

/**
 * A picture varied and squashed: a crop, a mirror image half of the time, and for two of three pictures the low
 * resolution and JPEG quality of pictures on the web (docs/method.md gives the effect).
 * @param square with as many pixels across as down: `side`
 * @returns sRGB bytes [side, side, 3]
 */
export async function variedPicture(
  picture: Picture,
  square: SquashedSize,
  random: Random,
): Promise<Uint8Array> {
  const side = square.width;
  const keep = LEAST_CROP + (1 - LEAST_CROP) * random.real();
  const whole = Math.ceil(side / keep);
  const [left, top] = [random.below(whole - side + 1), random.below(whole - side + 1)];
  const mirrored = random.real() < 0.5;
  const worn = random.real() < 2 / 3;
  const scale = LEAST_SCALE + (1 - LEAST_SCALE) * random.real();
  const quality = LEAST_QUALITY + random.below(95 - LEAST_QUALITY);
  const pixels = await squash(picture, { ...square, width: whole, height: whole });
  let image = sharp(pixels, { raw: { width: whole, height: whole, channels: 3 } });
  image = image.extract({ left, top, width: side, height: side });
  if (mirrored) image = image.flop();
  const raw = await image.raw().toBuffer();
  if (!worn) return bytesOf(raw);
  const small = Math.max(16, Math.round(side * scale));
  const coded = await sharp(raw, { raw: { width: side, height: side, channels: 3 } })
    .resize(small, small, { fit: 'fill' })
    .jpeg({ quality })
    .toBuffer();
  const { data } = await sharp(coded)
    .resize(side, side, { fit: 'fill' })
    .removeAlpha()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return bytesOf(data);
}

function bytesOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

/** Gains of a clip in decibels: −MOST … MOST. */
const MOST_GAIN = 6;
const MEL = { first: 52, end: 180 } as const;
const MFCC_MEL_BANDS = 128;

/**
 * Changes the loudness of a clip's 193 × 87 features in place, as if its samples had been multiplied: mel power grows
 * by the square, the first MFCC by the decibels (times √128, because its DCT is orthonormal), everything else is a
 * ratio or a direction. (Values at the MFCC's floor, 80 dB below the loudest, stay there.)
 */
export function changeGain(features: Float32Array, frames: number, random: Random): void {
  const decibels = MOST_GAIN * (2 * random.real() - 1);
  const power = 10 ** (decibels / 10);
  for (let i = MEL.first * frames; i < MEL.end * frames; i++) features[i]! *= power;
  const shift = decibels * Math.sqrt(MFCC_MEL_BANDS);
  for (let i = 0; i < frames; i++) features[i]! += shift;
}

/** The longest masks of SpecAugment (Park et al., 2019), as parts of all rows and of all frames. */
const LONGEST_ROWS = 0.12;
const LONGEST_FRAMES = 0.2;

/** Fills `mask` with ones and, in half of the cases, a run of zeros at most that part of it long. */
export function drawMask(mask: Float32Array, longest: 'rows' | 'frames', random: Random): void {
  mask.fill(1);
  const most = Math.floor(mask.length * (longest === 'rows' ? LONGEST_ROWS : LONGEST_FRAMES));
  const [isMasked, length] = [random.real() < 0.5, 1 + random.below(Math.max(1, most))];
  const start = random.below(mask.length - length + 1);
  if (isMasked) mask.fill(0, start, start + length);
}
