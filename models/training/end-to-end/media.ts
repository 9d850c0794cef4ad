import { cacheKey } from '../../cache.ts';
import type { DiskCache } from '../../cache.ts';
import { sha256OfFile } from '../../checksum.ts';
import { SynestheteError } from '../../errors.ts';
import { CLIP_SAMPLES, createFeatureExtractor, logSpectrogram } from '../../features/index.ts';
import type { FeatureExtractor } from '../../features/index.ts';
import { openPicture, squash } from '../../pictures/index.ts';
import type { SquashedSize } from '../../pictures/index.ts';
import { Random } from '../../random.ts';
import type { ManifestEntry } from '../manifest.ts';
import { variedPicture } from './augment.ts';
import type { FrozenBackbone } from './backbone.ts';

/**
 * Gives the sound of a stretch of a file, to its end if `endSeconds` is undefined: mono samples at 22,050 Hz. The
 * implementation is in streams, which models may not import.
 */
export type SoundReader = (
  file: string,
  startSeconds: number,
  endSeconds: number | undefined,
) => Promise<Float32Array>;

/**
 * The same with up to 1 s before the stretch, which encoders take before its first clip, and the starts of its
 * consecutive clips of 2 s within the samples: at least one, the first at the stretch's start. Shared by training and
 * evaluation; also implemented in streams.
 */
export type StretchReader = (
  ...stretch: Parameters<SoundReader>
) => Promise<{ readonly samples: Float32Array; readonly clipStarts: readonly number[] }>;

/** The music branch's input for each clip of a stretch. */
export interface StretchInputs {
  /** [count, …shape]: the consecutive clips, then those from random places. */
  readonly values: Float32Array;
  readonly count: number;
  /** Number of consecutive ones. */
  readonly consecutive: number;
  /** SHA-256 of the file. */
  readonly content: string;
}

/** Reads the networks' inputs from pictures and sounds, through the cache. */
export class Media {
  readonly #cache: DiskCache;
  readonly #readStretch: StretchReader;
  #extractor: FeatureExtractor | undefined;

  constructor(cache: DiskCache, readStretch: StretchReader) {
    this.#cache = cache;
    this.#readStretch = readStretch;
  }

  /**
   * @param kind `features`: 193 × 87; `spectrogram`: 257 × 199
   * @param variants number of clips from random places, drawn from the seed and the file's content
   * @throws SynestheteError OUT_OF_RANGE when there is no clip; those of the reader
   */
  async stretch(
    entry: Pick<ManifestEntry, 'file' | 'startSeconds' | 'endSeconds'>,
    kind: 'features' | 'spectrogram',
    variants: number,
    seed: number,
  ): Promise<StretchInputs> {
    const { file, startSeconds = 0, endSeconds } = entry;
    const content = await sha256OfFile(file);
    const settings = { what: `clips: ${kind}`, version: 2, startSeconds, endSeconds, variants, seed };
    const tensors = await this.#cache.getOrCompute(cacheKey(content, settings), async () => {
      const { samples, clipStarts } = await this.#readStretch(file, startSeconds, endSeconds);
      const starts = [...clipStarts];
      const random = Random.seeded(seed, `clips of ${content} from ${startSeconds}`);
      const first = starts[0]!;
      const room = samples.length - first - CLIP_SAMPLES;
      const consecutive = starts.length;
      for (let i = 0; i < variants; i++) starts.push(first + random.below(room + 1));
      const clips: Float32Array[] = [];
      for (const start of starts) clips.push(await this.#clip(samples, start, kind));
      const size = clips[0]!.length;
      const data = new Float32Array(clips.length * size);
      clips.forEach((clip, i) => {
        data.set(clip, i * size);
      });
      return new Map([
        ['clips', { shape: [clips.length, size], data }],
        ['consecutive', { shape: [1], data: Float32Array.of(consecutive) }],
      ]);
    });
    const { shape, data } = tensors.get('clips')!;
    return {
      values: data,
      count: shape[0]!,
      consecutive: tensors.get('consecutive')!.data[0]!,
      content,
    };
  }

  async #clip(samples: Float32Array, start: number, kind: 'features' | 'spectrogram'): Promise<Float32Array> {
    const clip = samples.slice(start, start + CLIP_SAMPLES);
    if (kind === 'spectrogram') return logSpectrogram(clip);
    this.#extractor ??= await createFeatureExtractor();
    return this.#extractor.extract(clip);
  }

  /** Features from a frozen backbone: of the picture itself for variant 0, else of a varied one. */
  async frozenFeatures(
    file: string,
    backbone: FrozenBackbone,
    variant: number,
    seed: number,
  ): Promise<{ readonly features: Float32Array; readonly content: string }> {
    const content = await sha256OfFile(file);
    const varied = variant === 0 ? {} : { variant, seed, augmentation: 1 };
    const settings = { what: 'picture features', backbone: backbone.identity, ...varied };
    const tensors = await this.#cache.getOrCompute(cacheKey(content, settings), async () => {
      const random = variant === 0 ? null : Random.seeded(seed, `picture ${content}, ${variant}`);
      const data = await backbone.extract(await pixelsOf(file, backbone.square, random));
      return new Map([['features', { shape: [data.length], data }]]);
    });
    return { features: tensors.get('features')!.data, content };
  }
}

/** A picture squashed to a square, varied if random numbers are given. @throws SynestheteError BAD_PICTURE */
export async function pixelsOf(
  file: string,
  square: SquashedSize,
  random: Random | null,
): Promise<Uint8Array> {
  const picture = await openPicture(file);
  return random ? variedPicture(picture, square, random) : squash(picture, square);
}

/** Whether the file itself is to blame, so that training can skip it. */
export function isBadFile(error: unknown): error is SynestheteError {
  return (
    error instanceof SynestheteError &&
    ['BAD_PICTURE', 'NO_AUDIO', 'DECODE_FAILED', 'BAD_SAMPLES', 'OUT_OF_RANGE'].includes(error.code)
  );
}
