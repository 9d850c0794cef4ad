import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { indexGallery } from '../../models/gallery/index.ts';
import { formulaModel } from './formula-model.ts';

/** Valence and arousal that the formula model reads in a picture: how red and how blue it is. */
export type Point = readonly [valence: number, arousal: number];

/** A grid of points over the plane, side × side. */
export function grid(side: number): Point[] {
  const step = 1 / (side - 1);
  return Array.from({ length: side * side }, (_, i) => [(i % side) * step, Math.floor(i / side) * step]);
}

/**
 * Writes a gallery of plain pictures and its index by the formula model. Each differs from the others by a pattern in
 * green, so that none is a near copy.
 */
export async function formulaGallery(
  folder: string,
  points: readonly Point[],
  fileOf = (i: number) => `p${String(i).padStart(3, '0')}.png`,
): Promise<void> {
  const side = 64;
  await Promise.all(
    points.map(async ([valence, arousal], picture) => {
      const pixels = Buffer.alloc(side * side * 3);
      for (let i = 0; i < side * side; i++) {
        const cell = ((i % side) >> 3) * 8 + (Math.floor(i / side) >> 3);
        const hash = Math.imul((cell + 1) * (picture + 3), 0x9e3779b1) >>> 24;
        pixels.set([Math.round(255 * valence), hash >> 2, Math.round(255 * arousal)], 3 * i);
      }
      const path = join(folder, fileOf(picture));
      await mkdir(dirname(path), { recursive: true });
      await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
        .png()
        .toFile(path);
    }),
  );
  await indexGallery(folder, formulaModel(), {});
}
