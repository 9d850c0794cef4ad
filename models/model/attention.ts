/**
 * The weight of each earlier clip in the mood of the music: attention with the clips' embeddings as keys and the newest
 * one's as query, and a bias that grows with a clip's age (Vaswani et al. 2017; Press et al. 2022).
 */
export interface Attention {
  /** Inverse temperature, at least 0: 0 ignores embeddings, which leaves an exponential window over time. */
  readonly sharpness: number;
  /** Time constant of the window, in seconds of sound, above 0. */
  readonly seconds: number;
}

/** Older sound than this does not count, in seconds. */
export const ATTENTION_SPAN_SECONDS = 30;

/** For a model without its own `attention`. */
export const PLAIN_ATTENTION: Attention = { sharpness: 0, seconds: 1.5 };

/**
 * The unnormalised weight of a clip: divide all weights by their sum.
 * @param similarity cosine of its embedding and the newest clip's
 * @param ageSeconds from its end to the newest one's
 */
export function attentionWeight(
  { sharpness, seconds }: Attention,
  similarity: number,
  ageSeconds: number,
): number {
  return Math.exp(sharpness * (similarity - 1) - ageSeconds / seconds);
}

/** The vector divided by its length; zeros stay zeros. */
export function unitVector(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, x) => sum + x * x, 0));
  return length > 0 ? vector.map((x) => x / length) : vector.slice();
}

/** Cosine of two unit vectors, in [−1, 1]. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
