import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { openEngine } from '../models/engine/index.ts';
import { openModel } from '../models/families/index.ts';
import { indexGallery, openGallery } from '../models/gallery/index.ts';
import { EMBEDDING_SIZE, type Model, type PicturePrediction } from '../models/model/index.ts';
import { fit, openPicture } from '../models/pictures/index.ts';
import { againstTarget } from './engine.ts';
import { formatTable } from './measure.ts';

const PICTURES = 24;
const CORES = 2;

interface Photographs {
  readonly width: number;
  readonly height: number;
  /** The embedded colour profile. */
  readonly profile?: 'p3';
  /** Pictures a second that `index` should reach with the default model. */
  readonly target: number;
}

/** Pictures from telephones, from cameras, and resized for screens. */
const KINDS: readonly Photographs[] = [
  { width: 4000, height: 3000, profile: 'p3', target: 10 },
  { width: 4000, height: 3000, target: 10 },
  { width: 1920, height: 1280, target: 15 },
];

/**
 * `synesthete index` with the default model, and with none. Processor time sums all threads; it gives an upper bound
 * for an idle machine, because it includes no waiting.
 */
export async function benchIndex(): Promise<string> {
  const tables: string[] = [];
  for (const kind of KINDS) tables.push(await benchKind(kind));
  return tables.join('\n\n');
}

async function benchKind(kind: Photographs): Promise<string> {
  const gallery = await mkdtemp(join(tmpdir(), 'synesthete-bench-'));
  try {
    const bytes = await putPictures(gallery, kind);
    const model = await openModel(undefined, { engine: await openEngine('cpu', { threads: CORES }) });
    const { width, height } = model.pictureInput;
    const rows = [
      // The first picture opens the picture networks, once for a gallery of any size.
      await timed('opening the model, once', 1, () =>
        model.embedPictures([new Uint8Array(width * height * 3)]),
      ),
      await timed('with the default model', PICTURES, () => indexGallery(gallery, model), kind.target),
      await timed('again, nothing new, and opened', PICTURES, async () => {
        await indexGallery(gallery, model);
        await openGallery(gallery, { model });
      }),
      await timed('without a model', PICTURES, () =>
        indexGallery(gallery, blindModel(model.pictureInput), { indexFolder: join(gallery, '.blind') }),
      ),
      await timed('decoding to 1920 pixels alone', PICTURES, () => decodeAll(gallery)),
    ];
    await model.close();
    const size = `${kind.width} × ${kind.height} ${kind.profile === 'p3' ? 'Display P3 ' : ''}JPEG`;
    const megabytes = (bytes / PICTURES / 2 ** 20).toFixed(1);
    const header = ['', 'seconds', 'pictures/s', `${CORES} cores, by processor time`, 'target', 'reached'];
    return `${PICTURES} pictures of ${size} of ${megabytes} MB\n${formatTable(header, rows)}`;
  } finally {
    await rm(gallery, { recursive: true, force: true });
  }
}

/** Soft shapes with grain: about as many bytes as a photograph has. */
async function putPictures(gallery: string, { width, height, profile }: Photographs): Promise<number> {
  let bytes = 0;
  const grain = await sharp({
    create: {
      width,
      height,
      channels: 3,
      background: '#808080',
      noise: { type: 'gaussian', mean: 128, sigma: 30 },
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
    const picture = shapes.composite([{ input: grain, blend: 'soft-light' }]).jpeg({ quality: 88 });
    const jpeg = await (profile === undefined ? picture : picture.withIccProfile(profile)).toBuffer();
    bytes += jpeg.length;
    await writeFile(join(gallery, `${i}.jpg`), jpeg);
  }
  return bytes;
}

async function timed(
  what: string,
  pictures: number,
  work: () => Promise<unknown>,
  target?: number,
): Promise<string[]> {
  const used = process.cpuUsage();
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(used);
  const idle = (CORES * pictures) / ((user + system) / 1e6);
  return [
    what,
    seconds.toFixed(2),
    (pictures / seconds).toFixed(1),
    idle.toFixed(1),
    ...againstTarget(idle, target),
  ];
}

async function decodeAll(gallery: string): Promise<void> {
  const lanes = Array.from({ length: 4 }, async (_, lane) => {
    for (let i = lane; i < PICTURES; i += 4) await fit(await openPicture(join(gallery, `${i}.jpg`)), 1920);
  });
  await Promise.all(lanes);
}

/** The rest of the work, with networks that cost nothing. */
function blindModel(pictureInput: Model['pictureInput']): Model {
  const prediction: PicturePrediction = {
    embedding: new Float32Array(EMBEDDING_SIZE),
    valence: 0.5,
    arousal: 0.5,
    valenceSd: 0.15,
    arousalSd: 0.15,
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
    embedPictures: (pixels) => Promise.resolve(pixels.map(() => prediction)),
    featureRows: 'none',
    embedClips: none,
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
