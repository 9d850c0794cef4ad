import { join } from 'node:path';
import { mkdir, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { SynestheteError } from '../../../models/errors.ts';
import { fit, openPicture } from '../../../models/pictures/index.ts';

/** A thumbnail's square, in pixels. */
export const TILE_SIDE = 96;
/** Thumbnails of a sheet, side by side and below each other. */
export const SHEET_COLUMNS = 10;
export const SHEET_ROWS = 10;
export const THUMBNAIL_FOLDER = 'thumbnails';

/** Pictures that are decoded at the same time. */
const TOGETHER = 4;
/** Around a picture that is no square, and in place of one that can no longer be read. */
const GREY = 0x60;

/**
 * Writes thumbnails as sheets of a hundred, `thumbnails/0.webp` and so on, into a folder: beside the page, so that it
 * opens at once with any number of pictures and a browser loads only the sheets that someone points at; and a hundred
 * to a file, since a folder of 100,000 files is slow to copy, and a sheet (about 200 KB) loads at once.
 *
 * @param files in the order of the points
 * @param step called after each picture
 */
export async function writeThumbnails(
  folder: string,
  files: readonly string[],
  step: () => void,
): Promise<void> {
  if (files.length === 0) return;
  await mkdir(join(folder, THUMBNAIL_FOLDER));
  const ofSheet = SHEET_COLUMNS * SHEET_ROWS;
  for (let first = 0; first < files.length; first += ofSheet) {
    const some = files.slice(first, first + ofSheet);
    const width = SHEET_COLUMNS * TILE_SIDE;
    const height = Math.ceil(some.length / SHEET_COLUMNS) * TILE_SIDE;
    const pixels = new Uint8Array(width * height * 3).fill(GREY);
    for (let at = 0; at < some.length; at += TOGETHER) {
      const tiles = some.slice(at, at + TOGETHER).map(async (file, i) => {
        await drawTile(pixels, width, at + i, file);
        step();
      });
      await Promise.all(tiles);
    }
    const sheet = sharp(pixels, { raw: { width, height, channels: 3 } }).webp({ quality: 60 });
    await writeFile(join(folder, THUMBNAIL_FOLDER, `${first / ofSheet}.webp`), await sheet.toBuffer());
  }
}

/** Puts a picture into the middle of its square. */
async function drawTile(sheet: Uint8Array, sheetWidth: number, tile: number, file: string): Promise<void> {
  try {
    const { width, height, pixels } = await fit(await openPicture(file), TILE_SIDE);
    const left = (tile % SHEET_COLUMNS) * TILE_SIDE + ((TILE_SIDE - width) >> 1);
    const top = Math.floor(tile / SHEET_COLUMNS) * TILE_SIDE + ((TILE_SIDE - height) >> 1);
    for (let y = 0; y < height; y++) {
      const row = pixels.subarray(3 * y * width, 3 * (y + 1) * width);
      sheet.set(row, 3 * ((top + y) * sheetWidth + left));
    }
  } catch (error) {
    // The file was read for the figures, or found in the cache: a file that is broken or gone since leaves a grey
    // square.
    if (!(error instanceof SynestheteError)) throw error;
  }
}
