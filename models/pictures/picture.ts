import type { Metadata, Sharp } from 'sharp';
import sharp from 'sharp';
import { SynestheteError, messageOf } from '../errors.ts';
import { openFile } from '../read-file.ts';
import { HEAD_BYTES, otherContent, recognise } from './format.ts';
import type { PictureFormat } from './format.ts';
import { coloursOf } from './profile.ts';
import type { Colours } from './profile.ts';
import { embeddedPreviews, rawFacts, withOrientation } from './raw.ts';

// One thread a picture: with several cores, decode several pictures. Without a cache, because libvips keeps decoded
// files by path and would return the old picture of a replaced file.
sharp.concurrency(1);
sharp.cache(false);

/** A larger picture is a panorama that nobody shows, or a file made to exhaust the memory. */
const MOST_PIXELS = 200e6;
const MOST_BYTES = 2 ** 30;

/** A file, or the content of one with its name for errors. */
export type PictureSource = string | { readonly name: string; readonly bytes: Uint8Array };

/** A recognised picture with its header. Its pixels are decoded on demand. */
export interface Picture {
  readonly name: string;
  readonly format: PictureFormat;
  /** Pixels, after applying the EXIF orientation. For an animation, of one frame; for a RAW file, of its preview. */
  readonly width: number;
  readonly height: number;
  readonly colours: Colours;
  /** Frames of an animation; 1 for a still picture. */
  readonly frames: number;
  /** The whole file. */
  readonly bytes: Uint8Array;
  /** What is decoded: the file, or the preview in it. */
  readonly encoded: Uint8Array;
}

export interface PixelSize {
  readonly width: number;
  readonly height: number;
}

/** A RAW file's preview with a shorter longest side is a thumbnail. */
const LEAST_PREVIEW = 640;

const ADVICE = 'convert it to JPEG or PNG, or leave it out';

function badPicture(name: string, problem: string, options?: ErrorOptions): SynestheteError {
  return new SynestheteError('BAD_PICTURE', `${name} ${problem}`, options);
}

function checkRecognised(name: string, head: Uint8Array): PictureFormat {
  const format = recognise(head);
  if (format) return format;
  if (head.length === 0) throw badPicture(name, 'is empty: copy it here again, or leave it out');
  throw badPicture(
    name,
    `is ${otherContent(head)}: JPEG, PNG, WebP, AVIF, TIFF, GIF, RAW and, where the decoder has it, HEIC are read; ${ADVICE}`,
  );
}

/** Reads the file if it begins like a picture, so that it doesn't read a whole film only to refuse it. */
async function readPicture(path: string): Promise<Buffer> {
  const file = await openFile(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    checkRecognised(path, buffer.subarray(0, bytesRead));
    if (size > MOST_BYTES) {
      throw badPicture(path, `has ${(size / 2 ** 20).toFixed(0)} MiB, more than 1024 MiB: make it smaller`);
    }
    const bytes = Buffer.alloc(size);
    let filled = 0;
    while (filled < size) {
      const read = await file.read(bytes, filled, size - filled, filled);
      if (read.bytesRead === 0) break;
      filled += read.bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await file.close();
  }
}

/** A decoder of a picture's bytes, with this project's limits. */
export function decoder(bytes: Uint8Array, { ignoreIcc = false, page = 0 } = {}): Sharp {
  return sharp(bytes, {
    autoOrient: true,
    ignoreIcc,
    page,
    // Fail on damage, but not on the odd marker or profile that every browser ignores.
    failOn: 'error',
    limitInputPixels: MOST_PIXELS,
  });
}

/** libvips's message without the name of the failed function, which begins its lines. */
function reason(error: unknown): string {
  const text = messageOf(error);
  return text.split('\n')[0]!.trim();
}

/** The error for a picture whose pixels can't be read. */
export function undecodable(name: string, format: PictureFormat, error: unknown): SynestheteError {
  return reason(error).includes('pixel limit')
    ? tooLarge(name)
    : badPicture(
        name,
        `can't be decoded as ${format.toUpperCase()} (${reason(error)}): ${adviceOn(format)}`,
        {
          cause: error,
        },
      );
}

function adviceOn(format: PictureFormat): string {
  return format === 'heic'
    ? 'this program has no decoder for it: export it as JPEG, and on an iPhone set Camera, Formats to "Most Compatible"'
    : ADVICE;
}

function tooLarge(name: string, size?: PixelSize): SynestheteError {
  const found = size ? `${size.width}×${size.height} pixels, ` : '';
  return badPicture(name, `has ${found}more than ${MOST_PIXELS / 1e6} megapixels: make it smaller`);
}

/**
 * Recognises a picture by its content, whatever its name, and reads its header. It refuses SVG and PDF: they are
 * drawing programs and may name other files.
 * @throws SynestheteError BAD_PICTURE when it is no picture that can be decoded, has more than 200 megapixels, or is a
 *   RAW file without a preview of 640 pixels; FILE_NOT_FOUND or NOT_A_FILE
 */
export async function openPicture(source: PictureSource): Promise<Picture> {
  const { name, bytes } =
    typeof source === 'string' ? { name: source, bytes: await readPicture(source) } : source;
  const found = checkRecognised(name, bytes.subarray(0, HEAD_BYTES));
  const raw = found === 'raw' || found === 'tiff' ? rawFacts(bytes) : undefined;
  const format = raw?.isRaw === true ? 'raw' : found;
  const encoded = format === 'raw' ? await previewOf(name, bytes, raw!.orientation) : bytes;
  let metadata: Metadata;
  try {
    metadata = await decoder(encoded).metadata();
  } catch (error) {
    throw undecodable(name, format, error);
  }
  const { width, height } = metadata.autoOrient;
  if (width * height > MOST_PIXELS) throw tooLarge(name, { width, height });
  const isAnimation = format === 'gif' || format === 'webp';
  const frames = isAnimation ? (metadata.pages ?? 1) : 1;
  return { name, format, width, height, colours: await coloursOf(metadata), frames, bytes, encoded };
}

/** The largest preview of a RAW file, turned as the file says unless it says so itself. */
async function previewOf(name: string, file: Uint8Array, orientation: number): Promise<Uint8Array> {
  for (const { start, width, height } of embeddedPreviews(file)) {
    if (Math.max(width, height) < LEAST_PREVIEW) break;
    const jpeg = file.subarray(start);
    const metadata = await decoder(jpeg)
      .metadata()
      .catch(() => undefined);
    if (metadata !== undefined)
      return metadata.orientation === undefined ? withOrientation(jpeg, orientation) : jpeg;
  }
  throw badPicture(
    name,
    `is a camera's RAW file without a preview of ${LEAST_PREVIEW} pixels or more: export it as JPEG, or leave it out`,
  );
}
