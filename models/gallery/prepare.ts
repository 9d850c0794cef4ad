import { join } from 'node:path';
import { sha256 } from '../checksum.ts';
import { fit, openPicture, resizePixels, type FittedPicture, type SquashedSize } from '../pictures/index.ts';
import type { Budget } from './budget.ts';
import type { SeenFile } from './journal.ts';
import { renditionPath, RENDITION_SIDE, THUMBNAIL_SIDE } from './layout.ts';
import { pictureSignature, SIGNATURE_SIDE } from './signature.ts';
import { colourDeviation } from './visible.ts';
import { fromPixels, writeBelow, writeRendition } from './write-jpeg.ts';

/** A picture that was decoded once: its renditions are on disk, its pixels are ready for the model. */
export interface PreparedPicture {
  /** SHA-256 of the file, in hex. */
  readonly content: string;
  /** Absent when the content was known, or is decoded for another file with it: there is nothing to do. */
  readonly decoded?: {
    readonly width: number;
    readonly height: number;
    /** Of colours: see visible.ts. */
    readonly deviation: number;
    /** The part of its rows that is lost, for a JPEG that was cut off. */
    readonly lost: number;
    /** Squashed to the model's size. */
    readonly input: Uint8Array;
    readonly signature: Uint8Array;
  };
}

export interface Preparation {
  readonly gallery: string;
  readonly indexFolder: string;
  readonly pictureInput: SquashedSize;
  /** Bytes of files in memory at the same time. */
  readonly reading: Budget;
  /** Bytes of pixels being decoded at the same time. */
  readonly decoding: Budget;
  /** Whether this content must be decoded. Its caller does so if it is. */
  readonly isNew: (content: string) => boolean;
}

/** A decoder that needs the whole picture at once holds four bytes a pixel. */
const BYTES_A_PIXEL = 4;
const THUMBNAIL_QUALITY = 75;

/**
 * Reads a file of the gallery. If its content is new, decodes it and writes its rendition and thumbnail.
 * @throws SynestheteError BAD_PICTURE, FILE_NOT_FOUND, NOT_A_FILE for the file; WRITE_FAILED for its renditions
 */
export async function preparePicture(seen: SeenFile, preparation: Preparation): Promise<PreparedPicture> {
  const { gallery, indexFolder, pictureInput, reading, decoding, isNew } = preparation;
  return reading.use(seen.bytes, async () => {
    const picture = await openPicture(join(gallery, seen.file));
    const content = sha256(picture.bytes);
    if (!isNew(content)) return { content };
    const { width, height } = picture;
    let lost = 0;
    const onLoss = (part: number): void => {
      lost = part;
    };
    const fitted = await decoding.use(BYTES_A_PIXEL * width * height, () =>
      fit(picture, RENDITION_SIDE, { onLoss }),
    );
    const [input, { signature, deviation }] = await Promise.all([
      resizePixels(fitted.pixels, { width: fitted.width, height: fitted.height }, pictureInput),
      writeThumbnail(fitted, renditionPath(indexFolder, 'thumbnails', content)),
      writeRendition(fitted, renditionPath(indexFolder, 'renditions', content)),
    ]);
    return { content, decoded: { width, height, deviation, lost, input, signature } };
  });
}

/** @returns the picture's signature and the deviation of its colours, of the thumbnail */
async function writeThumbnail(fitted: FittedPicture, path: string) {
  const { data, info } = await fromPixels(fitted)
    .resize(THUMBNAIL_SIDE, THUMBNAIL_SIDE, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const thumbnail = { pixels: data, width: info.width, height: info.height };
  const [jpeg, small] = await Promise.all([
    fromPixels(thumbnail).jpeg({ quality: THUMBNAIL_QUALITY }).toBuffer(),
    resizePixels(
      data,
      { width: info.width, height: info.height },
      { width: SIGNATURE_SIDE, height: SIGNATURE_SIDE },
    ),
  ]);
  await writeBelow(path, jpeg);
  return { signature: pictureSignature(small), deviation: colourDeviation(data) };
}
