import { cacheKey, type DiskCache, type Tensors } from '../../models/cache.ts';
import { sha256OfFile } from '../../models/checksum.ts';
import { CLIP_SAMPLES, SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import type { Model } from '../../models/model/index.ts';
import type { Stretch } from '../clips/index.ts';
import type { FileReading } from './file-reading.ts';
import type { MediaKind } from './kind.ts';

/** To be raised when decoding, features or what is stored change. */
const VERSION = 3;

/** What a model read in files, on disk: the same file is read once, whatever its name. */
export class ReadingStore {
  readonly #cache: DiskCache;
  readonly #model: Model;

  constructor(cache: DiskCache, model: Model) {
    this.#cache = cache;
    this.#model = model;
  }

  /**
   * The key of what this model reads in a file's content.
   * @throws SynestheteError FILE_NOT_FOUND, NOT_A_FILE.
   */
  async keyOf(file: string, kind: MediaKind, stretches: readonly Stretch[]): Promise<string> {
    return cacheKey(await sha256OfFile(file), {
      what: 'readings',
      version: VERSION,
      kind,
      model: this.#model.fingerprint,
      // Engines agree to about 1e-3 only.
      engine: this.#model.engine,
      ...(kind === 'image'
        ? {}
        : { stretches: stretches.map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds ?? null]) }),
    });
  }

  /** @param stretches those that the key was made with. */
  async find(key: string, stretches: readonly Stretch[]): Promise<FileReading[] | undefined> {
    const tensors = await this.#cache.find(key);
    return tensors === undefined ? undefined : decode(tensors, stretches);
  }

  async keep(key: string, readings: readonly FileReading[]): Promise<void> {
    await this.#cache.store(key, encode(readings));
  }
}

/** Numbers of a reading besides its embedding. */
const REST_WIDTH = 5;

function encode(readings: readonly FileReading[]): Tensors {
  const n = readings.length;
  // As many numbers as this model's embeddings have.
  const width = readings[0]?.reading.embedding.length ?? 0;
  const embedding = new Float32Array(n * width);
  // Valence, arousal and their deviations; of pictures how unsafe they are, of clips which stretch they are of.
  const rest = new Float32Array(n * REST_WIDTH);
  readings.forEach((of, i) => {
    embedding.set(of.reading.embedding, i * width);
    const { valence, arousal, valenceSd, arousalSd } = of.reading;
    const last = of.kind === 'image' ? of.reading.unsafe : of.clip.stretch;
    rest.set([valence, arousal, valenceSd, arousalSd, last], i * REST_WIDTH);
  });
  return new Map([
    ['embedding', { shape: [n, width], data: embedding }],
    [readings[0]?.kind ?? 'music', { shape: [n, REST_WIDTH], data: rest }],
  ]);
}

function decode(tensors: Tensors, stretches: readonly Stretch[]): FileReading[] | undefined {
  const embeddings = tensors.get('embedding');
  const kind = tensors.has('image') ? 'image' : 'music';
  const rest = tensors.get(kind)?.data;
  if (embeddings === undefined || rest === undefined) return undefined;
  const width = embeddings.shape[1]!;
  const clipsOfStretch = stretches.map(() => 0);
  return Array.from({ length: rest.length / REST_WIDTH }, (_, i) => {
    const embedding = embeddings.data.slice(i * width, (i + 1) * width);
    const row = rest.subarray(i * REST_WIDTH, (i + 1) * REST_WIDTH);
    const [valence, arousal, valenceSd, arousalSd, last] = Array.from(row) as [number, number, number, number, number]; // prettier-ignore
    const reading = { embedding, valence, arousal, valenceSd, arousalSd };
    if (kind === 'image') return { kind, reading: { ...reading, unsafe: last } };
    const clip = { stretch: last, startSeconds: startOf(stretches[last]!, clipsOfStretch[last]!++) };
    return { kind, reading, clip };
  });
}

/** Where the clip of that index within its stretch starts, in seconds. */
function startOf({ startSeconds }: Stretch, index: number): number {
  return (Math.round(startSeconds * SAMPLE_RATE_HZ) + index * CLIP_SAMPLES) / SAMPLE_RATE_HZ;
}
