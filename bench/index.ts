import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { openEngine } from '../models/engine/index.ts';
import { indexGallery, openGallery } from '../models/gallery/index.ts';
import { fit, openPicture } from '../models/pictures/index.ts';
import { EMBEDDING_SIZE, openModel, type Model, type PictureReading } from '../models/serving/index.ts';
import { formatTable } from './measure.ts';

const PICTURES = 80;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** As a camera makes them, and as they are handed on for screens. */
const SIZES: readonly Size[] = [
  { width: 4000, height: 3000 },
  { width: 1920, height: 1280 },
];

/** `synesthete index` with the default model, and with none. */
export async function benchIndex(): Promise<string> {
  const tables: string[] = [];
  for (const size of SIZES) tables.push(await benchSize(size));
  return tables.join('\n\n');
}

async function benchSize(pixels: Size): Promise<string> {
  const gallery = await mkdtemp(join(tmpdir(), 'synesthete-bench-'));
  try {
    const bytes = await putPictures(gallery, pixels);
    const model = await openModel(undefined, { engine: await openEngine('cpu') });
    const rows = [
      await timed('with the default model', gallery, model),
      await timed('without a model', gallery, blindModel(model.pictureInput)),
      await decodingOnly(gallery),
      await again(gallery, model),
    ];
    await model.close();
    const size = `${pixels.width} × ${pixels.height} JPEG of ${(bytes / PICTURES / 2 ** 20).toFixed(1)} MB`;
    return `${PICTURES} pictures of ${size}\n${formatTable(['', 'seconds', 'pictures/s'], rows)}`;
  } finally {
    await rm(gallery, { recursive: true, force: true });
  }
}

/** Soft shapes with grain: about as many bytes as a photograph has. */
async function putPictures(gallery: string, { width, height }: Size): Promise<number> {
  let bytes = 0;
  const grain = await sharp({
    create: {
      width,
      height,
      channels: 3,
      background: '#808080',
      noise: { type: 'gaussian', mean: 128, sigma: 12 },
    },
  })
    .jpeg({ quality: 95 })
    .toBuffer();
  for (let i = 0; i < PICTURES; i++) {
    const pixels = Uint8Array.from(
      { length: 3 * 16 * 12 },
      (_, at) => 128 + 120 * Math.sin(at * (i + 1.7) * 0.37),
    );
    const shapes = sharp(pixels, { raw: { width: 16, height: 12, channels: 3 } }).resize(width, height);
    const jpeg = await shapes
      .composite([{ input: grain, blend: 'soft-light' }])
      .jpeg({ quality: 88 })
      .toBuffer();
    bytes += jpeg.length;
    await writeFile(join(gallery, `${i}.jpg`), jpeg);
  }
  return bytes;
}

async function timed(what: string, gallery: string, model: Model): Promise<string[]> {
  const indexFolder = await mkdtemp(join(tmpdir(), 'synesthete-bench-'));
  try {
    const start = performance.now();
    const { pictures } = await indexGallery(gallery, model, { indexFolder });
    return row(what, pictures, performance.now() - start);
  } finally {
    await rm(indexFolder, { recursive: true, force: true });
  }
}

function row(what: string, pictures: number, ms: number): string[] {
  return [what, (ms / 1000).toFixed(2), ((1000 * pictures) / ms).toFixed(1)];
}

async function decodingOnly(gallery: string): Promise<string[]> {
  const start = performance.now();
  const lanes = Array.from({ length: 4 }, async (_, lane) => {
    for (let i = lane; i < PICTURES; i += 4) await fit(await openPicture(join(gallery, `${i}.jpg`)), 1920);
  });
  await Promise.all(lanes);
  return row('decoding to 1920 pixels alone', PICTURES, performance.now() - start);
}

async function again(gallery: string, model: Model): Promise<string[]> {
  await indexGallery(gallery, model);
  const start = performance.now();
  await indexGallery(gallery, model);
  const { snapshot } = await openGallery(gallery, { model });
  return row('again, nothing new, and opened', snapshot.count, performance.now() - start);
}

/** What is left of the work when the networks cost nothing. */
function blindModel(pictureInput: Model['pictureInput']): Model {
  const reading: PictureReading = {
    embedding: new Float32Array(EMBEDDING_SIZE),
    valence: 0.5,
    arousal: 0.5,
    unsafe: 0,
  };
  const none = (): never => {
    throw new Error('only pictures are read here');
  };
  return {
    folder: 'none',
    fingerprint: '00'.repeat(32),
    get description() {
      return none();
    },
    engine: 'none',
    pictureInput,
    readPictures: (pixels) => Promise.resolve(pixels.map(() => reading)),
    readClips: none,
    similarities: none,
    ranking: {
      score: 'plane',
      width: 3,
      pictureVector: ({ valence, arousal }) => Float32Array.of(valence, arousal, 1),
      queryVector: none,
      scores: none,
    },
    close: () => Promise.resolve(),
  };
}
