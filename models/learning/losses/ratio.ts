import { add, div, exp, log, mul, neg, reduceMean, reduceSum, sqrt, square, sub } from '../../graph/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { planeDistances, rowDistances, squaredDistances, squaredPlaneDistances } from './distances.ts';
import { rolled } from './rows.ts';

/** Added to what a logarithm is taken of, as the public code of the log-ratio loss does (Kim et al., CVPR 2019). */
const EPSILON = 1e-6;

/**
 * What the ratio of embedding distances D_ij / D_ik is to follow: the inverse ratio of similarities S_ik / S_ij, or the
 * ratio of label distances d_ij / d_ik. METHOD leaves open which of the two readings of (2) is meant.
 */
export type RatioReading = 'similarity' | 'distance';

/** METHOD (1) of distances in the plane. */
export function similarities(distances: Tensor, sigma: number): Tensor {
  return exp(div(neg(distances), sigma));
}

function safeLog(x: Tensor): Tensor {
  return log(add(x, EPSILON));
}

/** The part of the residual that belongs to one distance: the residual of (2) is the difference of two of them. */
function residual(
  embeddingDistances: Tensor,
  labelDistances: Tensor,
  sigma: number,
  reading: RatioReading,
): Tensor {
  const found = safeLog(embeddingDistances);
  return reading === 'similarity'
    ? add(found, safeLog(similarities(labelDistances, sigma)))
    : sub(found, safeLog(labelDistances));
}

/**
 * The mean of (u_j − u_k)² over the anchors (axis 0 of u [n, m]) and all pairs j < k along axis 1. It is 2 / (m − 1)
 * times the squared deviations from the row's mean, so that no pair has to be formed.
 */
function meanOverPairs(u: Tensor): Tensor {
  const count = u.shape[1]!;
  const deviations = square(sub(u, reduceMean(u, [1], true)));
  return mul(reduceMean(reduceSum(deviations, [1])), 2 / (count - 1));
}

/** As `meanOverPairs` of u [n, n], leaving out the pairs of each anchor with itself. */
function meanOverOtherPairs(u: Tensor): Tensor {
  const count = u.shape[0]!;
  const others = Float32Array.from({ length: count * count }, (_, i) => (i % (count + 1) === 0 ? 0 : 1));
  const mask = u.graph.constant(u.graph.unusedName('others'), [count, count], others);
  const mean = mul(reduceSum(mul(u, mask), [1], true), 1 / (count - 1));
  const deviations = mul(square(sub(u, mean)), mask);
  return mul(reduceMean(reduceSum(deviations, [1])), 2 / (count - 2));
}

/** Embeddings [n, d] of pictures or clips, and their valence and arousal [n, 2]. */
export interface Labelled {
  readonly embeddings: Tensor;
  readonly moods: Tensor;
}

/**
 * METHOD (2), dense: each picture is an anchor with all pairs of clips, each clip with all pairs of pictures. The sums
 * over triplets are taken as means, so that the weight of the term does not depend on the size of the batch.
 */
export function denseCrossRatio(
  pictures: Labelled,
  clips: Labelled,
  sigma: number,
  reading: RatioReading,
): Tensor {
  const u = (anchors: Labelled, others: Labelled): Tensor =>
    residual(
      squaredDistances(anchors.embeddings, others.embeddings),
      planeDistances(anchors.moods, others.moods),
      sigma,
      reading,
    );
  return add(meanOverPairs(u(pictures, clips)), meanOverPairs(u(clips, pictures)));
}

/**
 * METHOD (2) of sampled pairs: row i of pictures and of clips is a pair, and the clip (the picture) of row i + 1 is the
 * other one of the triplet.
 * @param matched similarity of the pairs [n] where it is given (a file of pairs), else it comes from the labels
 */
export function sampledCrossRatio(
  pictures: Labelled,
  clips: Labelled,
  sigma: number,
  reading: RatioReading,
  matched: Tensor | null,
): Tensor {
  const u = (a: Labelled, b: Labelled, given: Tensor | null): Tensor => {
    const distances = rowDistances(a.embeddings, b.embeddings);
    if (given !== null && reading === 'similarity') return add(safeLog(distances), safeLog(given));
    return residual(distances, sqrt(rowDistances(a.moods, b.moods)), sigma, reading);
  };
  const same = u(pictures, clips, matched);
  const pictureAnchored = square(sub(same, u(pictures, rolledLabelled(clips, 1), null)));
  const clipAnchored = square(sub(same, u(rolledLabelled(pictures, 1), clips, null)));
  return add(reduceMean(pictureAnchored), reduceMean(clipAnchored));
}

function rolledLabelled({ embeddings, moods }: Labelled, by: number): Labelled {
  return { embeddings: rolled(embeddings, by), moods: rolled(moods, by) };
}

/** METHOD (4) or (5), dense: every item is an anchor with all pairs of the others of its modality; a mean as in (2). */
export function denseSingleRatio({ embeddings, moods }: Labelled): Tensor {
  return meanOverOtherPairs(
    sub(safeLog(squaredDistances(embeddings, embeddings)), safeLog(squaredPlaneDistances(moods, moods))),
  );
}

/** METHOD (4) or (5) of triplets: item i is the anchor of items i + 1 and i + 2. */
export function sampledSingleRatio(items: Labelled): Tensor {
  const u = (by: number): Tensor => {
    const other = rolledLabelled(items, by);
    const found = safeLog(rowDistances(items.embeddings, other.embeddings));
    return sub(found, safeLog(rowDistances(items.moods, other.moods)));
  };
  return reduceMean(square(sub(u(1), u(2))));
}
