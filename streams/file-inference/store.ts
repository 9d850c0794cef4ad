import { cacheKey, type DiskCache, type Tensors } from '../../models/cache.ts';
import { sha256OfFile } from '../../models/checksum.ts';
import { CLIP_SAMPLES, SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import type { Model } from '../../models/model/index.ts';
import type { Stretch } from '../../models/stretch.ts';
import type { FilePrediction } from './file-prediction.ts';
import type { MediaKind } from './kind.ts';

/** To be raised when decoding, features or what is stored change. */
const VERSION = 4;

/** What a model read in files, on disk: the same file is read once, whatever its name. */
export class PredictionStore {
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
  async find(key: string, stretches: readonly Stretch[]): Promise<FilePrediction[] | undefined> {
    const tensors = await this.#cache.find(key);
    return tensors === undefined ? undefined : decode(tensors, stretches);
  }

  async keep(key: string, predictions: readonly FilePrediction[]): Promise<void> {
    await this.#cache.store(key, encode(predictions));
  }
}

/** Numbers of a prediction besides its embedding. */
const REST_WIDTH = 5;

function encode(predictions: readonly FilePrediction[]): Tensors {
  const n = predictions.length;
  // As many numbers as this model's embeddings have.
  const width = predictions[0]?.prediction.embedding.length ?? 0;
  const embedding = new Float32Array(n * width);
  // Valence, arousal and their deviations; of pictures how unsafe they are, of clips which stretch they are of.
  const rest = new Float32Array(n * REST_WIDTH);
  predictions.forEach((of, i) => {
    embedding.set(of.prediction.embedding, i * width);
    const { valence, arousal, valenceSd, arousalSd } = of.prediction;
    const last = of.kind === 'image' ? of.prediction.unsafe : of.clip.stretch;
    rest.set([valence, arousal, valenceSd, arousalSd, last], i * REST_WIDTH);
  });
  return new Map([
    ['embedding', { shape: [n, width], data: embedding }],
    [predictions[0]?.kind ?? 'music', { shape: [n, REST_WIDTH], data: rest }],
  ]);
}

function decode(tensors: Tensors, stretches: readonly Stretch[]): FilePrediction[] | undefined {
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
    const prediction = { embedding, valence, arousal, valenceSd, arousalSd };
    if (kind === 'image') return { kind, prediction: { ...prediction, unsafe: last } };
    const clip = { stretch: last, startSeconds: startOf(stretches[last]!, clipsOfStretch[last]!++) };
    return { kind, prediction, clip };
  });
}

/** Where the clip of that index within its stretch starts, in seconds. */
function startOf({ startSeconds }: Stretch, index: number): number {
  return (Math.round(startSeconds * SAMPLE_RATE_HZ) + index * CLIP_SAMPLES) / SAMPLE_RATE_HZ;
}
