import sharp from 'sharp';
import { messageOf } from '../errors.ts';
import type { PixelSize } from './picture.ts';

/** The most of a picture's rows that may be missing. */
const MOST_LOST = 0.1;
/** Rows that a JPEG codes together, at most. */
const BLOCK_ROWS = 16;
/** What the decoder fills missing rows with, up to rounding. */
const FILL = 128;
/** A progressive picture with so many of its usual ten scans has all but its finest detail. */
const ENOUGH_SCANS = 6;

/** Whether the decoder failed because the file ends too early. */
export function isCutOff(error: unknown): boolean {
  return messageOf(error).includes('premature end of JPEG');
}

interface Saved {
  /** The rows that are whole, as TIFF, with the metadata of the file. */
  readonly encoded: Uint8Array;
  /** After applying the EXIF orientation. */
  readonly size: PixelSize;
  readonly lost: number;
}

/**
 * What is left of a JPEG that was cut off.
 * @returns undefined when more than a tenth of its rows is lost, or a progressive one lacks more than fine detail
 */
export async function salvage(encoded: Uint8Array): Promise<Saved | undefined> {
  const { data, info } = await sharp(encoded, { failOn: 'none' }).raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const { isProgressive } = await sharp(encoded).metadata();
  let rows = height;
  if (isProgressive) {
    if (scansOf(encoded) < ENOUGH_SCANS) return undefined;
  } else {
    const isFilled = (row: number): boolean =>
      data
        .subarray(row * width * channels, (row + 1) * width * channels)
        .every((value) => Math.abs(value - FILL) <= 1);
    while (rows > 0 && isFilled(rows - 1)) rows--;
    // The last row of blocks may be there in part.
    rows = Math.floor((rows - 1) / BLOCK_ROWS) * BLOCK_ROWS;
  }
  const lost = 1 - rows / height;
  if (lost > MOST_LOST) return undefined;
  const whole = await sharp(encoded, { failOn: 'none' })
    .extract({ left: 0, top: 0, width, height: rows })
    .keepMetadata()
    .tiff({ compression: 'none' })
    .toBuffer();
  const { autoOrient } = await sharp(whole).metadata();
  return { encoded: whole, size: { width: autoOrient.width, height: autoOrient.height }, lost };
}

/** How many scans have begun. */
function scansOf(jpeg: Uint8Array): number {
  const bytes = Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  let scans = 0;
  for (let at = bytes.indexOf(SOS); at >= 0; at = bytes.indexOf(SOS, at + SOS.length)) scans++;
  return scans;
}

const SOS = Buffer.from([0xff, 0xda]);
