import { CLIP_SECONDS } from '../../features/index.ts';
import {
  ATTENTION_SPAN_SECONDS,
  attentionWeight,
  cosine,
  unitVector,
  type Attention,
  type Mood,
} from '../../model/index.ts';
import { Random } from '../../random.ts';
import type { Figures } from './figures.ts';
import type { OutOfFoldPrediction } from './out-of-fold.ts';
import type { Branch } from './branch.ts';

/** Candidates for the sharpness and the seconds. */
const SHARPNESSES = [0, 5, 10, 15, 20, 25, 30, 40];
const SECONDS = [1.5, 3, 6, 12, 30];

/** The most earlier clips that can count. */
const LAGS = Math.floor(ATTENTION_SPAN_SECONDS / CLIP_SECONDS);
const AXES = ['valence', 'arousal'] as const;

/** Songs of one data set and one fold in sequence, with the predictions of the network trained without that fold. */
interface HeldOutNight {
  readonly fold: number;
  readonly moods: readonly Mood[];
  readonly truths: readonly Mood[];
  /**
   * [clips, LAGS + 1]: cosine of a clip's embedding and that of the clip at each lag before it; NaN before the first.
   */
  readonly similarities: Float32Array;
}

export interface FittedAttention {
  readonly attention: Attention;
  /**
   * Mean squared error of the mood in those nights as a part of the constant's, averaged over data sets and axes: with
   * attention, and with the best exponential window. Each fold is judged with the others' choice.
   */
  readonly figures: Figures;
}

/**
 * Chooses the weight of earlier clips, on simulated nights of out-of-fold songs: each data set in its own order, song
 * after song, in clips that do not overlap.
 * @param leftOut out-of-fold predictions for all rated songs, song by song in the order of the examples
 * @returns undefined when fewer than two folds have rated songs that differ
 */
export function fitAttention(
  side: Pick<Branch, 'examples'>,
  leftOut: readonly OutOfFoldPrediction[],
  seed: number,
): FittedAttention | undefined {
  const nights = nightsOf(side, leftOut, seed).filter(({ truths }) =>
    AXES.every((axis) => truths.some((truth) => truth[axis] !== truths[0]![axis])),
  );
  const folds = [...new Set(nights.map(({ fold }) => fold))];
  if (folds.length < 2) return undefined;
  const choices = SHARPNESSES.flatMap((sharpness) => SECONDS.map((seconds) => ({ sharpness, seconds })));
  const plain = choices.filter(({ sharpness }) => sharpness === 0);
  const errors = new Map(choices.map((choice) => [choice, nights.map((night) => errorOf(night, choice))]));
  const mean = (choice: Attention, isJudged: (night: HeldOutNight) => boolean): number => {
    const judged = errors.get(choice)!.filter((_, i) => isJudged(nights[i]!));
    return judged.reduce((sum, error) => sum + error, 0) / judged.length;
  };
  const bestOf = (from: readonly Attention[], isJudged: (night: HeldOutNight) => boolean): Attention =>
    from.reduce((best, choice) => (mean(choice, isJudged) < mean(best, isJudged) ? choice : best));
  const nested = (from: readonly Attention[]): number => {
    const judged = folds.map((fold) => {
      const chosen = bestOf(from, (night) => night.fold !== fold);
      return mean(chosen, (night) => night.fold === fold);
    });
    return judged.reduce((sum, error) => sum + error, 0) / folds.length;
  };
  return {
    attention: bestOf(choices, () => true),
    figures: { attentionMseOfConstants: nested(choices), smoothingMseOfConstants: nested(plain) },
  };
}

function nightsOf(
  { examples }: Pick<Branch, 'examples'>,
  leftOut: readonly OutOfFoldPrediction[],
  seed: number,
): HeldOutNight[] {
  const songs = new Map<string, Map<string, OutOfFoldPrediction[]>>();
  for (const prediction of leftOut) {
    const { set, group, rating } = examples[prediction.example]!;
    if (rating === undefined) continue;
    const night = `${prediction.fold} ${set.name}`;
    const ofNight = songs.get(night) ?? new Map<string, OutOfFoldPrediction[]>();
    songs.set(night, ofNight);
    ofNight.set(group, [...(ofNight.get(group) ?? []), prediction]);
  }
  return [...songs].map(([name, ofNight]) => {
    const clips = Random.seeded(seed, name)
      .shuffle([...ofNight.values()])
      .flat();
    const keys = clips.map(({ embedding }) => unitVector(embedding));
    const similarities = new Float32Array(clips.length * (LAGS + 1)).fill(NaN);
    for (let i = 0; i < clips.length; i++) {
      for (let lag = 0; lag <= Math.min(i, LAGS); lag++) {
        similarities[i * (LAGS + 1) + lag] = cosine(keys[i]!, keys[i - lag]!);
      }
    }
    return {
      fold: clips[0]!.fold,
      moods: clips,
      truths: clips.map((clip) => examples[clip.example]!.rating!),
      similarities,
    };
  });
}

/** Mean squared error of the attended mood as a part of the truth's variance, averaged over both axes. */
function errorOf({ moods, truths, similarities }: HeldOutNight, attention: Attention): number {
  const errors = { valence: 0, arousal: 0 };
  for (let i = 0; i < moods.length; i++) {
    const sums = { valence: 0, arousal: 0 };
    let total = 0;
    for (let lag = 0; lag <= Math.min(i, LAGS); lag++) {
      const weight = attentionWeight(attention, similarities[i * (LAGS + 1) + lag]!, lag * CLIP_SECONDS);
      total += weight;
      for (const axis of AXES) sums[axis] += weight * moods[i - lag]![axis];
    }
    for (const axis of AXES) errors[axis] += (sums[axis] / total - truths[i]![axis]) ** 2;
  }
  const part = (axis: keyof Mood): number => {
    const mean = truths.reduce((sum, truth) => sum + truth[axis], 0) / truths.length;
    const constant = truths.reduce((sum, truth) => sum + (truth[axis] - mean) ** 2, 0);
    return errors[axis] / constant;
  };
  return (part('valence') + part('arousal')) / 2;
}
