import sharp from 'sharp';
import { sha256 } from '../checksum.ts';
import { cacheKey, type DiskCache } from '../learning/index.ts';
import { INCEPTION_SIDE, MIXED_CHANNELS } from '../networks/index.ts';
import type { MixedLayer, PictureTraits, PictureTrunk } from '../networks/index.ts';
import { openPicture, squash } from '../pictures/index.ts';
import type { KernelSettings } from './settings.ts';

/** To be raised whenever the same picture would give other numbers: the cache then computes them anew. */
const VERSION = 1;

/** How many numbers the statistics of these layers are, layer by layer. */
export function pictureBlocks(layers: readonly MixedLayer[]): number[] {
  return layers.map((layer) => 2 * MIXED_CHANNELS[layer]);
}

/** Means and deviations of the layers' channels, one layer after the other. */
export function pictureStatistics(traits: PictureTraits, layers: readonly MixedLayer[]): Float32Array {
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

/** Reads the statistics of picture files for training: from the cache where they are there. */
export class PictureReader {
  readonly #trunk: PictureTrunk;
  readonly #cache: DiskCache;

  /** @param trunk that pools the layers whose statistics are wanted, in this order. */
  constructor(trunk: PictureTrunk, cache: DiskCache) {
    this.#trunk = trunk;
    this.#cache = cache;
  }

  /**
   * @param degraded reads the picture as if it had been squashed to a small square and coded as JPEG before.
   * @throws SynestheteError BAD_PICTURE, FILE_NOT_FOUND, NOT_A_FILE, ENGINE_FAILED
   */
  async read(file: string, degraded?: Degradation): Promise<Float32Array> {
    const { layers } = this.#trunk;
    const picture = await openPicture(file);
    const settings = { kind: 'picture statistics', version: VERSION, layers, degraded };
    const stored = await this.#cache.getOrCompute(cacheKey(sha256(picture.bytes), settings), async () => {
      const square = degraded === undefined ? picture : await degrade(picture, degraded);
      const [traits] = await this.#trunk.read([await squash(square, SQUARE)]);
      const data = pictureStatistics(traits!, layers);
      return new Map([['statistics', { shape: [data.length], data }]]);
    });
    return stored.get('statistics')!.data;
  }
}

type OpenedPicture = Awaited<ReturnType<typeof openPicture>>;

async function degrade(
  picture: OpenedPicture,
  { side, jpegQuality }: Degradation,
): Promise<OpenedPicture> {
  const pixels = await squash(picture, { width: side, height: side });
  const bytes = await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .jpeg({ quality: jpegQuality })
    .toBuffer();
  return openPicture({ name: picture.name, bytes });
}
