import { add, exp, gemm, maximum, minimum, mul, sub } from '../../graph/index.ts';
import type { Tensor } from '../../graph/index.ts';
import type { Mood } from '../../model/index.ts';

/**
 * What a person's corrections add to the moods that a model reads in pictures: a Gaussian process over embeddings
 * (Rasmussen and Williams, "Gaussian Processes for Machine Learning", 2.2) whose prior is the model's own reading, so that
 * only what looks and feels like a corrected picture moves. Pictures of the training keep it in place elsewhere.
 */
export interface Taste {
  /** Distance of two embeddings of length 1 at which half-known becomes unknown: the kernel is exp(−d² / 2 width²). */
  readonly width: number;
  /** Row-major [points, embedding]. */
  readonly points: Float32Array;
  /** Row-major [points, 2]: valence and arousal. */
  readonly pulls: Float32Array;
}

/** Pictures that the model has learnt from: they are to keep their moods. */
export interface Reference {
  /** Row-major [count, embedding]. */
  readonly embeddings: Float32Array;
  /** Row-major [count, 2]: what people rated. */
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

/** The same for one picture, in place of the graph. */
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
