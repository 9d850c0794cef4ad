import { sha256OfFile } from '../checksum.ts';
import type { Engine, Session } from '../engine/engine.ts';
import { SynestheteError } from '../errors.ts';
import {
  CLIP_SAMPLES,
  createFeatureExtractor,
  FEATURE_ROWS,
  FRAME_COUNT,
  SAMPLE_RATE_HZ,
  type FeatureExtractor,
} from '../features/index.ts';
import { cacheKey, type DiskCache } from '../learning/index.ts';
import type { SoundReader } from '../learning/trainer/index.ts';
import { PictureTrunk, type MixedLayer } from '../networks/index.ts';
import { CLIP_STATISTICS, CLIP_STATISTICS_VERSION } from '../encoders/index.ts';
import type { StatisticsSource, Stretch } from './examples.ts';
import { musicGraph } from './graphs.ts';
import { readPictureStatistics, type Degradation } from './picture-statistics.ts';

export interface FileStatisticsOptions {
  readonly engine: Engine;
  readonly cache: DiskCache;
  readonly readSound: SoundReader;
  /** Of the trunk, whose statistics are wanted. */
  readonly layers: readonly MixedLayer[];
}

/** The statistics of files. What was computed is kept in the cache, so that an interrupted training goes on from there. */
export class FileStatistics implements StatisticsSource {
  readonly #options: FileStatisticsOptions;
  readonly #trunk: PictureTrunk;
  readonly #clips: Session;
  readonly #extractor: FeatureExtractor;

  private constructor(
    options: FileStatisticsOptions,
    trunk: PictureTrunk,
    clips: Session,
    extractor: FeatureExtractor,
  ) {
    this.#options = options;
    this.#trunk = trunk;
    this.#clips = clips;
    this.#extractor = extractor;
  }

  /** @throws SynestheteError BROKEN_INSTALL, ENGINE_FAILED */
  static async open(options: FileStatisticsOptions): Promise<FileStatistics> {
    const { engine, layers } = options;
    return new FileStatistics(
      options,
      await PictureTrunk.open(engine, { layers }),
      await engine.load(musicGraph(undefined, 1)),
      await createFeatureExtractor(),
    );
  }

  picture(file: string, degraded?: Degradation): Promise<Float32Array> {
    return readPictureStatistics(file, this.#trunk, this.#options.cache, degraded);
  }

  async clips(file: string, stretch: Stretch, hopSeconds: number): Promise<Float32Array[]> {
    const settings = { kind: 'clip statistics', version: CLIP_STATISTICS_VERSION, ...stretch, hopSeconds };
    const stored = await this.#options.cache.getOrCompute(
      cacheKey(await sha256OfFile(file), settings),
      async () => {
        const clips = await this.#compute(file, stretch, hopSeconds);
        const data = new Float32Array(clips.length * CLIP_STATISTICS);
        clips.forEach((clip, i) => {
          data.set(clip, i * CLIP_STATISTICS);
        });
        return new Map([['statistics', { shape: [clips.length, CLIP_STATISTICS], data }]]);
      },
    );
    const { shape, data } = stored.get('statistics')!;
    return Array.from({ length: shape[0]! }, (_, i) =>
      data.slice(i * CLIP_STATISTICS, (i + 1) * CLIP_STATISTICS),
    );
  }

  async #compute(
    file: string,
    { startSeconds, endSeconds }: Stretch,
    hopSeconds: number,
  ): Promise<Float32Array[]> {
    const samples = await this.#options.readSound(file, startSeconds, endSeconds);
    if (samples.length < CLIP_SAMPLES) {
      throw new SynestheteError(
        'OUT_OF_RANGE',
        `${file} has ${(samples.length / SAMPLE_RATE_HZ).toFixed(2)} s from ${startSeconds} s on, too little for a clip of 2 s; give a longer one`,
      );
    }
    const clips: Float32Array[] = [];
    const hopSamples = hopSeconds * SAMPLE_RATE_HZ;
    for (let start = 0; start + CLIP_SAMPLES <= samples.length; start += hopSamples) {
      const data = this.#extractor.extract(samples.subarray(start, start + CLIP_SAMPLES));
      const { statistics } = await this.#clips.run({
        features: { dtype: 'float32', shape: [1, FEATURE_ROWS, FRAME_COUNT], data },
      });
      clips.push((statistics!.data as Float32Array).slice(0, CLIP_STATISTICS));
    }
    return clips;
  }

  async close(): Promise<void> {
    await Promise.all([this.#trunk.close(), this.#clips.close()]);
  }
}
