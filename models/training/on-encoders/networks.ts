import { cacheKey, type DiskCache, type Tensors } from '../../cache.ts';
import { sha256 } from '../../checksum.ts';
import { engineKey, type Engine } from '../../engine/index.ts';
import type { CdcmlSettings } from '../../families/on-encoders/index.ts';
import { fitSimilarity } from './expected-similarity.ts';
import {
  openNetworkTrainer,
  type JobHandling,
  type JobOptions,
  type NetworkJob,
  type NetworksGround,
} from './network-trainer.ts';
import { trainSideBySide } from './side-by-side.ts';
import { LOSS_NAMES } from './step.ts';
import { curvesOf, type Trained } from './student.ts';
import { FOLDS, bytesDigest, teacherReadings, type Taught } from './taught.ts';

/** Raise it whenever the same lessons give another network. */
const VERSION = 3;
/** Factor of the error variance for averaging similarities. */
const VARIANCE_FACTOR = 1.15;

export interface NetworksOptions {
  readonly engine: Engine;
  readonly settings: CdcmlSettings;
  /** Networks trained side by side on the cpu, each on one core; by default one. */
  readonly threads?: number | undefined;
  /** Keeps every finished network. */
  readonly cache: DiskCache;
  /** Called after each epoch, with the total of all networks. */
  readonly progress: (done: number, total: number) => void;
  /** Stops after the current epoch. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains one network on everything, then one without each fold.
 * @param sigma σ of (1)
 * @returns undefined when it was stopped
 * @throws SynestheteError DIVERGED, ENGINE_FAILED
 */
export async function trainNetworks(
  image: Taught,
  music: Taught,
  sigma: number,
  options: NetworksOptions,
): Promise<Trained[] | undefined> {
  const { engine, settings, cache, threads = 1, signal } = options;
  const networks: (Trained | undefined)[] = [];
  const jobs: KeyedJob[] = [];
  for (let t = 0; t <= FOLDS; t++) {
    const job = jobOf(image, music, sigma, t, options);
    const kept = await cache.find(job.key);
    networks.push(kept && decoded(kept));
    if (kept === undefined) jobs.push(job);
  }
  const epochs = networks.map((network) => (network === undefined ? 0 : settings.epochs));
  const tell = (): void => {
    options.progress(
      epochs.reduce((sum, done) => sum + done, 0),
      networks.length * settings.epochs,
    );
  };
  const optionsOf = ({ without }: KeyedJob): JobOptions => ({
    epochDone: (epoch) => {
      epochs[without + 1] = epoch;
      tell();
    },
    signal,
  });
  const trained = async ({ without, key }: KeyedJob, network: Trained): Promise<void> => {
    await cache.store(key, encoded(network));
    networks[without + 1] = network;
  };
  tell();
  const ground = { settings, sigma, sizes: { picture: image.pool.size, clip: music.pool.size } };
  const areAll =
    engine.provider === 'cpu' && threads > 1 && jobs.length > 1
      ? await trainSideBySide(jobs, ground, threads, { optionsOf, trained })
      : await trainHere(jobs, ground, engine, { optionsOf, trained });
  return areAll ? (networks as Trained[]) : undefined;
}

interface KeyedJob extends NetworkJob {
  /** Of the cache. */
  readonly key: string;
}

/** @param t 0 for the network on everything, else one more than the fold to leave out */
function jobOf(
  image: Taught,
  music: Taught,
  sigma: number,
  t: number,
  { engine, settings }: Pick<NetworksOptions, 'engine' | 'settings'>,
): KeyedJob {
  const pictures = { pool: image.pool, moods: image.moods[t]! };
  const clips = { pool: music.pool, moods: music.moods[t]! };
  const similarity = fitSimilarity(teacherReadings(image, t - 1), teacherReadings(music, t - 1), {
    sigma,
    varianceFactor: VARIANCE_FACTOR,
  });
  const content = [
    ...[pictures.pool.coordinates, pictures.pool.folds, pictures.moods],
    ...[clips.pool.coordinates, clips.pool.folds, clips.moods],
  ];
  const key = cacheKey(sha256(content.map(bytesDigest).join('\n')), {
    what: 'network',
    version: VERSION,
    settings,
    similarity,
    without: t - 1,
    ...engineKey(engine),
  });
  return { without: t - 1, pictures, clips, similarity, key };
}

/** One after the other in this process, when the engine uses all cores or a GPU. */
async function trainHere(
  jobs: readonly KeyedJob[],
  ground: NetworksGround,
  engine: Engine,
  { optionsOf, trained }: JobHandling<KeyedJob>,
): Promise<boolean> {
  const trainer = await openNetworkTrainer(engine, ground);
  try {
    for (const job of jobs) {
      const network = await trainer.train(job, optionsOf(job));
      if (network === undefined) return false;
      await trained(job, network);
    }
    return true;
  } finally {
    await trainer.close();
  }
}

const LOSSES = 'losses';

function encoded({ weights, losses }: Trained): Tensors {
  const rows = LOSS_NAMES.map((name) => losses[name]);
  const epochs = rows[0]!.length;
  const data = new Float32Array(rows.length * epochs);
  rows.forEach((row, term) => {
    data.set(row, term * epochs);
  });
  return new Map([...weights, [LOSSES, { shape: [rows.length, epochs], data }]]);
}

function decoded(tensors: Tensors): Trained {
  const weights = new Map(tensors);
  const { data, shape } = weights.get(LOSSES)!;
  weights.delete(LOSSES);
  const epochs = shape[1]!;
  const rows = LOSS_NAMES.map((_, term) => data.slice(term * epochs, (term + 1) * epochs));
  return { weights, losses: curvesOf(rows) };
}
