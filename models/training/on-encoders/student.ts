import { isAborted } from '../../aborted.ts';
import { Stepper } from '../../engine/index.ts';
import type { Session, Value } from '../../engine/index.ts';
import { SynestheteError } from '../../errors.ts';
import type { CdcmlSettings } from '../../families/on-encoders/index.ts';
import { LEARNING_RATE, STEP, dropoutMask } from '../../graph/training/index.ts';
import { initialState } from '../../networks/training/index.ts';
import { Random } from '../../random.ts';
import type { Tensor } from '../../weights/index.ts';
import { expectedSimilarity } from './expected-similarity.ts';
import type { SimilarityFit } from './expected-similarity.ts';
import { drawPairs } from './pairs.ts';
import { poolDrawing } from './pool.ts';
import type { Pool } from './pool.ts';
import { INPUT, LOSS_NAMES } from './step.ts';
import type { Step } from './step.ts';

/** Points of one branch, with the teacher's answers. */
export interface Lesson {
  readonly pool: Pool;
  /** Row-major [points, 2]: valence and arousal, limited to [0, 1]. */
  readonly moods: Float32Array;
}

export interface StudentOptions {
  readonly pictures: Lesson;
  readonly clips: Lesson;
  /** A fold to leave out; −1 for none. */
  readonly without: number;
  /** Expected similarity of two points, from the teacher's answers. */
  readonly similarity: SimilarityFit;
  readonly settings: CdcmlSettings;
  readonly step: Step;
  readonly session: Session;
  /** Called after each epoch. */
  readonly epochDone: (epoch: number) => void;
  /** Stops after the current epoch. */
  readonly signal: AbortSignal | undefined;
}

/** Epochs that reuse the same pairs in another order, because drawing takes as long as learning. */
const PAIRS_FOR_EPOCHS = 4;

/** Weights by name, for `inferenceLayers`. */
export type StudentWeights = ReadonlyMap<string, Tensor>;

/** The terms of the loss, each with its value in every epoch: means over the epoch's steps, before their factors. */
export type LossCurves = Readonly<Record<(typeof LOSS_NAMES)[number], Float32Array>>;

export interface Trained {
  readonly weights: StudentWeights;
  readonly losses: LossCurves;
}

/**
 * Trains CDCML's projections and predictors on the teacher's answers. The same lessons and settings give the same
 * weights, bit for bit.
 * @returns undefined when it was stopped
 * @throws SynestheteError DIVERGED, ENGINE_FAILED
 */
export async function trainStudent(options: StudentOptions): Promise<Trained | undefined> {
  const { settings, step, session, without, pictures, clips } = options;
  const { seed, epochs, stepsPerEpoch, batch } = settings;
  const stepper = new Stepper(session, step.trainable, initialState(step.trainable, seed));
  const draw = { picture: poolDrawing(pictures.pool, without), clip: poolDrawing(clips.pool, without) };
  const random = Random.seeded(seed, 'pairs');
  const drawn = drawPairs(
    pictures.moods,
    clips.moods,
    draw,
    PAIRS_FOR_EPOCHS * batch * stepsPerEpoch,
    random,
  );
  const sums = LOSS_NAMES.map(() => new Float64Array(epochs));
  for (let epoch = 0; epoch < epochs; epoch++) {
    const part = epoch % PAIRS_FOR_EPOCHS;
    const length = batch * stepsPerEpoch;
    const pairs = random.shuffle(drawn.slice(part * length, (part + 1) * length));
    const rate = settings.learningRate * settings.decayBy ** Math.floor(epoch / settings.decayEpochs);
    for (let i = 0; i < stepsPerEpoch; i++) {
      const number = epoch * stepsPerEpoch + i;
      const feeds: Record<string, Value> = {
        [LEARNING_RATE]: floats([], Float32Array.of(rate)),
        [STEP]: floats([], Float32Array.of(number + 1)),
        ...batchFeeds(pairs.slice(i * batch, (i + 1) * batch), options),
      };
      for (const [name, { shape, rate: left }] of step.masks) {
        feeds[name] = floats(shape, dropoutMask(seed, number, name, shape, left));
      }
      const terms = await stepper.step(feeds);
      const loss = terms['loss']!.data[0]!;
      if (!Number.isFinite(loss)) {
        throw new SynestheteError(
          'DIVERGED',
          `the loss is ${loss} in epoch ${epoch + 1}; choose a lower learning rate`,
        );
      }
      LOSS_NAMES.forEach((name, term) => {
        sums[term]![epoch]! += terms[name]!.data[0]! / stepsPerEpoch;
      });
    }
    options.epochDone(epoch + 1);
    if (isAborted(options.signal)) return undefined;
  }
  const weights = new Map<string, Tensor>();
  for (const { input, shape } of step.trainable) {
    if (!input.includes(':')) weights.set(input, { shape: [...shape], data: stepper.state[input]!.slice() });
  }
  // In single precision, as in the cache: a resumed training reports the same numbers.
  return { weights, losses: curvesOf(sums.map((values) => Float32Array.from(values))) };
}

/** @param rows in the order of LOSS_NAMES */
export function curvesOf(rows: readonly Float32Array[]): LossCurves {
  const [sim, va, cfr, cfm, sfr] = rows as [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array]; // prettier-ignore
  return { sim, va, cfr, cfm, sfr };
}

function batchFeeds(
  pairs: readonly { readonly picture: number; readonly clip: number }[],
  { pictures, clips, similarity }: StudentOptions,
): Record<string, Value> {
  const gathered = ({ coordinates, size }: Pool, indices: readonly number[]): Value => {
    const data = new Float32Array(indices.length * size);
    indices.forEach((index, i) => {
      data.set(coordinates.subarray(index * size, (index + 1) * size), i * size);
    });
    return floats([indices.length, size], data);
  };
  const moodsOf = (moods: Float32Array, indices: readonly number[]): Value =>
    floats(
      [indices.length, 2],
      Float32Array.from(indices.flatMap((i) => [moods[2 * i]!, moods[2 * i + 1]!])),
    );
  const point = (moods: Float32Array, i: number) => ({ valence: moods[2 * i]!, arousal: moods[2 * i + 1]! });
  const [seen, heard] = [pairs.map(({ picture }) => picture), pairs.map(({ clip }) => clip)];
  const expected = pairs.map(({ picture, clip }) =>
    expectedSimilarity(similarity, point(pictures.moods, picture), point(clips.moods, clip)),
  );
  return {
    [INPUT.pictures]: gathered(pictures.pool, seen),
    [INPUT.clips]: gathered(clips.pool, heard),
    [INPUT.pictureMoods]: moodsOf(pictures.moods, seen),
    [INPUT.clipMoods]: moodsOf(clips.moods, heard),
    [INPUT.similarity]: floats([pairs.length], Float32Array.from(expected)),
  };
}

function floats(shape: readonly number[], data: Float32Array): Value {
  return { dtype: 'float32', shape, data };
}
