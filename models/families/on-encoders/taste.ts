import { add, exp, gemm, maximum, minimum, mul, sub } from '../../graph/index.ts';
import type { Tensor } from '../../graph/index.ts';
import type { Mood } from '../../model/index.ts';

/**
 * The change that a person's corrections make to predicted moods of pictures: a Gaussian process over embeddings
 * (Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2.2) whose prior is the model's own prediction,
 * so that only pictures that look and feel like a corrected one move. Pictures of the training data anchor it
 * elsewhere.
 */
export interface Taste {
  /** Distance of two embeddings of length 1 at which half-known becomes unknown: the kernel is exp(−d² / 2 width²). */
  readonly width: number;
  /** Row-major [points, embedding]. */
  readonly points: Float32Array;
  /** Row-major [points, 2]: valence and arousal. */
  readonly pulls: Float32Array;
}

/** Pictures of the training data, which keep their moods. */
export interface Reference {
  /** Row-major [count, embedding]. */
  readonly embeddings: Float32Array;
  /** Row-major [count, 2]: ratings by people. */
  readonly ratings: Float32Array;
}

/**
 * Moods with a taste.
 * @param mood [batch, 2]
 * @param embedding [batch, size], of length 1
 * @returns [batch, 2], within 0 and 1
 */
export function withTaste({ width, points, pulls }: Taste, mood: Tensor, embedding: Tensor): Tensor {
  const { graph } = mood;
  const count = pulls.length / 2;
  const near = gemm(embedding, graph.constant('taste.points', [count, points.length / count], points), {
    transposeB: true,
  });
  const kernel = exp(mul(sub(near, 1), 1 / width ** 2));
  const moved = add(mood, gemm(kernel, graph.constant('taste.pulls', [count, 2], pulls)));
  return maximum(minimum(moved, 1), 0);
}

/** The same for one picture, without the graph. */
export function tasted({ width, points, pulls }: Taste, mood: Mood, embedding: Float32Array): Mood {
  const size = embedding.length;
  let [valence, arousal] = [mood.valence, mood.arousal];
  for (let p = 0; p < pulls.length / 2; p++) {
    let cosine = 0;
    for (let c = 0; c < size; c++) cosine += points[p * size + c]! * embedding[c]!;
    const near = Math.exp((cosine - 1) / width ** 2);
    valence += near * pulls[2 * p]!;
    arousal += near * pulls[2 * p + 1]!;
  }
  const limited = (value: number): number => Math.min(1, Math.max(0, value));
  return { valence: limited(valence), arousal: limited(arousal) };
}
