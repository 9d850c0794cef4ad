import sharp from 'sharp';
import { sha256 } from '../checksum.ts';
import { cacheKey, type DiskCache } from '../learning/index.ts';
import { INCEPTION_SIDE, MIXED_CHANNELS } from '../networks/index.ts';
import type { MixedLayer, PictureTraits, PictureTrunk } from '../networks/index.ts';
import { openPicture, squash, type Picture } from '../pictures/index.ts';
import type { KernelSettings } from './settings.ts';

/** To be raised whenever the same picture would give other numbers: the cache then computes them anew. */
const VERSION = 1;

/** How many numbers the statistics of these layers are, layer by layer. */
export function pictureBlocks(layers: readonly MixedLayer[]): number[] {
  return layers.map((layer) => 2 * MIXED_CHANNELS[layer]);
}

/** Means and deviations of the layers' channels, one layer after the other. */
function pictureStatistics(traits: PictureTraits, layers: readonly MixedLayer[]): Float32Array {
  const statistics = new Float32Array(pictureBlocks(layers).reduce((sum, width) => sum + width, 0));
  let at = 0;
  for (const layer of layers) {
    const { mean, deviation } = traits.layers.get(layer)!;
    statistics.set(mean, at);
    statistics.set(deviation, at + mean.length);
    at += 2 * mean.length;
  }
  return statistics;
}

const SQUARE = { width: INCEPTION_SIDE, height: INCEPTION_SIDE };

export type Degradation = Pick<KernelSettings['picture']['degraded'], 'side' | 'jpegQuality'>;

/**
 * The statistics of a picture file: from the cache where they are there.
 *
 * @param trunk that pools the layers whose statistics are wanted, in this order.
 * @param degraded reads the picture as if it had been squashed to a small square and coded as JPEG before.
 * @throws SynestheteError BAD_PICTURE, FILE_NOT_FOUND, NOT_A_FILE, ENGINE_FAILED
 */
export async function readPictureStatistics(
  file: string,
  trunk: PictureTrunk,
  cache: DiskCache,
  degraded?: Degradation,
): Promise<Float32Array> {
  const { layers } = trunk;
  const picture = await openPicture(file);
  const settings = { kind: 'picture statistics', version: VERSION, layers, degraded };
  const stored = await cache.getOrCompute(cacheKey(sha256(picture.bytes), settings), async () => {
    const seen = degraded === undefined ? picture : await degrade(picture, degraded);
    const [traits] = await trunk.read([await squash(seen, SQUARE)]);
    const data = pictureStatistics(traits!, layers);
    return new Map([['statistics', { shape: [data.length], data }]]);
  });
  return stored.get('statistics')!.data;
}

async function degrade(picture: Picture, { side, jpegQuality }: Degradation): Promise<Picture> {
  const pixels = await squash(picture, { width: side, height: side });
  const bytes = await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .jpeg({ quality: jpegQuality })
    .toBuffer();
  return openPicture({ name: picture.name, bytes });
}
