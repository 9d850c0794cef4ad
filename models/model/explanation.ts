import type { Mood } from './mood.ts';

/** What one encoder does to a reading. */
interface EncoderPart {
  readonly encoder: string;
  /** Its Shapley value: what it moves the reading by, on average over all orders in which encoders could be added. */
  readonly push: Mood;
  /** The reading less what it would be without this encoder alone. */
  readonly leftOut: Mood;
}

/** What the encoders of a model have to do with a reading. */
export interface Explanation {
  /**
   * What the model reads where no encoder says anything: the features of all of them at their mean over the training data.
   * The pushes add up to the reading less this.
   */
  readonly base: Mood;
  readonly parts: readonly EncoderPart[];
  /**
   * Part of the readings of files that were kept apart from training whose error is at most their standard deviation, in
   * [0, 1]; undefined for a model that was trained before it was counted.
   */
  readonly within: Mood | undefined;
}

/**
 * Explains a reading by those of all coalitions of encoders, exactly: Shapley values (Lundberg and Lee, "A unified
 * approach to interpreting model predictions", 2017) and what leaving out one encoder changes. An encoder that is not of a
 * coalition has its features at their mean over the training data.
 *
 * @param encoders n names, at most 16
 * @param moods [2^n]: in that at place c encoder i takes part where bit i of c is set
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

/** The part of all orders of n in which one comes right after k given others: k! (n − k − 1)! / n!. */
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
