import { cacheKey, type DiskCache } from '../../cache.ts';
import { sha256 } from '../../checksum.ts';
import { engineKey, type Engine } from '../../engine/index.ts';
import type { SideSettings } from '../../families/on-encoders/index.ts';
import type { Example } from './examples.ts';
import type { Judged } from './expected-similarity.ts';
import type { Block } from './fit-coordinates.ts';
import type { OutOfFoldPrediction } from './out-of-fold.ts';
import { poolOf, type Pool } from './pool.ts';
import { prepareBranch, type Branch } from './branch.ts';
import { Teachers } from './teacher.ts';

/** Raise it whenever the same rows get other answers. */
const VERSION = 1;
export const FOLDS = 5;
export const FOLD_SEED = 1;

/** A branch with the teachers' answers: for all points, and out of fold for the original examples. */
export interface Taught {
  readonly side: Branch;
  readonly pool: Pool;
  /** Without leaving out a fold, then without each fold: row-major [points, 2], limited to [0, 1]. */
  readonly moods: readonly Float32Array[];
}

export interface TaughtOptions {
  readonly cache: DiskCache;
  readonly seed: number;
  /** Most points besides the examples that the teachers label; by default as many as a network needs. */
  readonly mixtures?: number;
}

/**
 * Trains the teachers of a branch, or finds their answers in the cache.
 * @throws SynestheteError ENGINE_FAILED
 */
export async function taught(
  engine: Engine,
  examples: readonly Example[],
  blocks: readonly Block[],
  settings: SideSettings,
  { cache, seed, mixtures }: TaughtOptions,
): Promise<Taught> {
  const side = await prepareBranch(engine, examples, blocks, settings, { folds: FOLDS, seed: FOLD_SEED });
  const pool = poolOf(side, seed, mixtures);
  const { rows } = side;
  const content = sha256(
    [pool.coordinates, rows.coordinates, rows.targets, rows.known, rows.weights, rows.corpus, pool.folds]
      .map(bytesDigest)
      .join('\n'),
  );
  const { gamma, ridge, shared, ratedOdds } = settings;
  const key = cacheKey(content, {
    what: 'teachers',
    version: VERSION,
    mean: rows.mean,
    gamma,
    ridge,
    shared,
    ratedOdds,
    ...engineKey(engine),
  });
  const stored = await cache.getOrCompute(key, async () => {
    const folds = Int32Array.from(side.rowExamples, (example) => side.folds[example]!);
    const teachers = await Teachers.train(engine, rows, folds, { gamma, ridge, shared, ratedOdds });
    const predictions = await teachers.predictions(pool.coordinates);
    await teachers.close();
    return new Map(
      predictions.map((moods, t) => [
        `moods.${t}`,
        { shape: [pool.count, 2], data: moods.map((value) => Math.min(1, Math.max(0, value))) },
      ]),
    );
  });
  const moods = Array.from({ length: FOLDS + 1 }, (_, t) => stored.get(`moods.${t}`)!.data);
  return { side, pool, moods };
}

/** SHA-256 of an array's bytes, in hex. */
export function bytesDigest({
  buffer,
  byteOffset,
  byteLength,
}: Float32Array | Int32Array | Uint8Array): string {
  return sha256(Buffer.from(buffer, byteOffset, byteLength));
}

/** The teachers' out-of-fold answers for rated originals of the first set, without those of one fold. */
export function teacherReadings({ side, moods }: Taught, without: number): Judged[] {
  return side.examples.flatMap(({ set, rating, isOriginal }, i) => {
    const fold = side.folds[i]!;
    if (set !== side.examples[0]!.set || rating === undefined || !isOriginal || fold === without) return [];
    const of = moods[fold + 1]!;
    return [{ read: { valence: of[2 * i]!, arousal: of[2 * i + 1]! }, truth: rating }];
  });
}

/** The teachers' out-of-fold answers for the originals. */
export function teacherLeftOut({ side, moods }: Taught): OutOfFoldPrediction[] {
  return side.examples.flatMap(({ isOriginal }, example) => {
    const fold = side.folds[example]!;
    const of = moods[fold + 1]!;
    const mood = { valence: of[2 * example]!, arousal: of[2 * example + 1]! };
    return isOriginal ? [{ example, fold, ...mood, embedding: new Float32Array() }] : [];
  });
}
