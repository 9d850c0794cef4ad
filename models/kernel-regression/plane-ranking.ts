import type { Mood, Ranking } from '../serving/index.ts';

export interface PlaneRankingOptions {
  /** The middle of the pictures' readings and of the clips'. */
  readonly pictureMean: Mood;
  readonly clipMean: Mood;
  /** See `KernelSettings`. */
  readonly kappa: number;
}

/**
 * Ranks by ⟨p − p̄, m − m̄⟩ − κ/2 |p − p̄|². With κ = 1 that is the distance of the two from their middles; a smaller κ
 * holds it less against a picture that it goes further in the clip's direction, which pays since readings of pictures
 * keep nearer to the middle than the truth.
 */
export function planeRanking({ pictureMean, clipMean, kappa }: PlaneRankingOptions): Ranking {
  return {
    score: 'plane',
    width: 3,
    pictureVector({ valence, arousal }) {
      const v = valence - pictureMean.valence;
      const a = arousal - pictureMean.arousal;
      return Float32Array.of(v, a, (-kappa / 2) * (v * v + a * a));
    },
    queryVector: ({ valence, arousal }) =>
      Float32Array.of(valence - clipMean.valence, arousal - clipMean.arousal, 1),
    scores(vectors, query, out = new Float32Array(vectors.length / 3)) {
      const [v, a, one] = [query[0]!, query[1]!, query[2]!];
      for (let i = 0; i < out.length; i++) {
        out[i] = vectors[3 * i]! * v + vectors[3 * i + 1]! * a + vectors[3 * i + 2]! * one;
      }
      return out;
    },
  };
}
