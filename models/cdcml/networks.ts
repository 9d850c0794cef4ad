import { sha256 } from '../checksum.ts';
import { hardwareOf, type Engine } from '../engine/index.ts';
import { cacheKey, type DiskCache, type Tensors } from '../learning/index.ts';
import { fitSimilarity } from './expected-similarity.ts';
import { trainingStep } from './network.ts';
import type { CdcmlSettings } from './settings.ts';
import { trainStudent, type Lesson, type Trained } from './student.ts';
import { FOLDS, bytesDigest, teacherReadings, type Taught } from './taught.ts';

/** To be raised whenever the same lessons would give another network. */
const VERSION = 2;
/** How the variance of the errors is multiplied before similarities are averaged over it. */
const VARIANCE_FACTOR = 1.15;

export interface NetworksOptions {
  readonly engine: Engine;
  readonly settings: CdcmlSettings;
  /** Keeps every network that is finished. */
  readonly cache: DiskCache;
  /** Told after each epoch, of all networks together. */
  readonly progress: (done: number, total: number) => void;
  /** Asked after each epoch. */
  readonly isStopped: () => boolean;
}

/**
 * Trains one network of everything, then for each fold one without it.
 * @param sigma σ of (1)
 * @returns undefined when it was stopped
 * @throws SynestheteError DIVERGED, ENGINE_FAILED
 */
export async function trainNetworks(
  image: Taught,
  music: Taught,
  sigma: number,
  { engine, settings, cache, progress, isStopped }: NetworksOptions,
): Promise<Trained[] | undefined> {
  const sizes = { picture: image.side.size, clip: music.side.size };
  const step = trainingStep(settings, sizes, sigma, hardwareOf(engine));
  const session = await engine.load(step.graph);
  const total = (FOLDS + 1) * settings.epochs;
  const networks: Trained[] = [];
  try {
    for (let t = 0; t <= FOLDS; t++) {
      const tell = (epoch: number): void => {
        progress(t * settings.epochs + epoch, total);
      };
      tell(0);
      const lesson = (of: Taught): Lesson => ({ pool: of.pool, moods: of.moods[t]! });
      const [pictures, clips] = [lesson(image), lesson(music)];
      const similarity = fitSimilarity(teacherReadings(image, t - 1), teacherReadings(music, t - 1), {
        sigma,
        varianceFactor: VARIANCE_FACTOR,
      });
      const content = [pictures, clips].flatMap(({ pool, moods }) => [pool.coordinates, pool.folds, moods]);
      const key = cacheKey(sha256(content.map(bytesDigest).join('\n')), {
        what: 'network',
        version: VERSION,
        settings,
        similarity,
        without: t - 1,
      });
      const kept = await cache.find(key);
      if (kept !== undefined) {
        networks.push(decoded(kept));
        continue;
      }
      const trained = await trainStudent({
        pictures,
        clips,
        without: t - 1,
        similarity,
        settings,
        step,
        session,
        epochDone: tell,
        isStopped,
      });
      if (trained === undefined) return undefined;
      await cache.store(key, encoded(trained));
      networks.push(trained);
    }
  } finally {
    await session.close();
  }
  return networks;
}

const LOSSES = 'losses';

function encoded({ weights, losses }: Trained): Tensors {
  const numbers = Float32Array.from([...Object.values(losses.first), ...Object.values(losses.last)]);
  return new Map([...weights, [LOSSES, { shape: [2, numbers.length / 2], data: numbers }]]);
}

function decoded(tensors: Tensors): Trained {
  const weights = new Map(tensors);
  const { data, shape } = weights.get(LOSSES)!;
  weights.delete(LOSSES);
  const terms = (row: number) => {
    const [sim, va, cfr, cfm, sfr] = data.subarray(row * shape[1]!, (row + 1) * shape[1]!);
    return { sim: sim!, va: va!, cfr: cfr!, cfm: cfm!, sfr: sfr! };
  };
  return { weights, losses: { first: terms(0), last: terms(1) } };
}
