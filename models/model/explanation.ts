import type { Mood } from './mood.ts';

/** The effect of one encoder on a prediction. */
interface EncoderPart {
  readonly encoder: string;
  /** Its Shapley value: how far it moves the prediction, averaged over all orders of adding encoders. */
  readonly push: Mood;
  /** The prediction minus the prediction without this encoder. */
  readonly leftOut: Mood;
}

/** The contributions of a model's encoders to a prediction. */
export interface Explanation {
  /**
   * The prediction without any encoder: all features at their mean over the training data. The pushes add up to the
   * prediction minus this.
   */
  readonly base: Mood;
  readonly parts: readonly EncoderPart[];
  /**
   * Part of the predictions for held-out files whose error is at most their standard deviation, in [0, 1]; undefined
   * for older models.
   */
  readonly within: Mood | undefined;
}

/**
 * Explains a prediction exactly, from the predictions of all coalitions of encoders: Shapley values (Lundberg and Lee,
 * "A unified approach to interpreting model predictions", 2017) and the change from leaving out one encoder. An encoder
 * outside a coalition has its features at their mean over the training data.
 *
 * @param encoders n names, at most 16
 * @param moods [2^n]: encoder i takes part in the mood at place c if bit i of c is set
 */
export function explain(
  encoders: readonly string[],
  moods: readonly Mood[],
): Pick<Explanation, 'base' | 'parts'> {
  const n = encoders.length;
  const all = 2 ** n - 1;
  const between = (one: number, other: number): Mood => ({
    valence: moods[one]!.valence - moods[other]!.valence,
    arousal: moods[one]!.arousal - moods[other]!.arousal,
  });
  const parts = encoders.map((encoder, i): EncoderPart => {
    const bit = 1 << i;
    const push = { valence: 0, arousal: 0 };
    for (let others = 0; others <= all; others++) {
      if ((others & bit) !== 0) continue;
      const weight = orderShare(bitCount(others), n);
      const { valence, arousal } = between(others | bit, others);
      push.valence += weight * valence;
      push.arousal += weight * arousal;
    }
    return { encoder, push, leftOut: between(all, all ^ bit) };
  });
  return { base: moods[0]!, parts };
}

/** The part of all orders of n in which one element comes right after k given others: k! (n − k − 1)! / n!. */
function orderShare(k: number, n: number): number {
  let share = 1 / n;
  for (let i = 1; i <= k; i++) share *= i / (n - i);
  return share;
}

function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest > 0; rest >>= 1) count += rest & 1;
  return count;
}
