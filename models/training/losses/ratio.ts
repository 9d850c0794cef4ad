import {
  add,
  cast,
  div,
  exp,
  greater,
  log,
  maximum,
  mul,
  neg,
  reduceSum,
  sqrt,
  square,
  sub,
  where,
} from '../../graph/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { planeDistances, rowDistances, squaredDistances, squaredPlaneDistances } from './distances.ts';
import { rolled } from './rows.ts';

/**
 * Added to a distance of embeddings before its logarithm, as the public code of the log-ratio loss does (Kim et al.,
 * CVPR 2019). Labels get none: equal labels have no ratio (see `Residual`).
 */
const EPSILON = 1e-6;

/**
 * The target of the ratio of embedding distances D_ij / D_ik: the inverse ratio of similarities S_ik / S_ij, or the
 * ratio of label distances d_ij / d_ik. docs/method.md discusses these two interpretations of (2).
 */
export type RatioReading = 'similarity' | 'distance';

/** docs/method.md (1) of distances in the plane. */
export function similarities(distances: Tensor, sigma: number): Tensor {
  return exp(div(neg(distances), sigma));
}

/**
 * The part of a triple's residual that belongs to one of its two distances: the residual of (2), (4) and (5) is the
 * difference of two of them.
 */
interface Residual {
  /** log D minus its target; 0 without a target. */
  readonly value: Tensor;
  /** 1 where the target has a logarithm, else 0; null when all have one. Triples with a 0 are left out. */
  readonly mask: Tensor | null;
}

function logDistance(embeddingDistances: Tensor): Tensor {
  return log(add(embeddingDistances, EPSILON));
}

/** log D − log y, or log D + log y for an inverse ratio, of labels y ≥ 0; zeros are left out. */
function followingLogOf(labels: Tensor, embeddingDistances: Tensor, isInverse: boolean): Residual {
  const isThere = greater(labels, 0);
  const target = log(where(isThere, labels, 1));
  const found = logDistance(embeddingDistances);
  const mask = cast(isThere, 'float32');
  return { value: mul(isInverse ? add(found, target) : sub(found, target), mask), mask };
}

function crossResidual(
  embeddingDistances: Tensor,
  labelDistances: Tensor,
  sigma: number,
  prediction: RatioReading,
): Residual {
  if (prediction === 'distance') return followingLogOf(labelDistances, embeddingDistances, false);
  // log S is −d / σ, which exists for equal labels too: 0.
  return { value: sub(logDistance(embeddingDistances), div(labelDistances, sigma)), mask: null };
}

/** A mean over nothing is 0. */
function meanOver(sum: Tensor, count: Tensor): Tensor {
  return div(sum, maximum(count, 1));
}

/**
 * The mean of (u_j − u_k)² over the anchors (axis 0 of u [n, m]) and all pairs j < k along axis 1 that are not left
 * out. For an anchor with c of them the sum is c times the squared deviations from their mean, so no pairs are formed.
 */
function meanOverPairs({ value, mask }: Residual): Tensor {
  const kept = mask ?? ones(value);
  const counts = reduceSum(kept, [1], true);
  const mean = meanOver(reduceSum(mul(value, kept), [1], true), counts);
  const deviations = reduceSum(mul(square(sub(value, mean)), kept), [1], true);
  const pairs = mul(reduceSum(mul(counts, sub(counts, 1))), 0.5);
  return meanOver(reduceSum(mul(deviations, counts)), pairs);
}

function ones({ graph, shape }: Tensor): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return graph.constant(graph.unusedName('ones'), shape, new Float32Array(size).fill(1));
}

/** The mean of (a − b)² over the triples in which neither is left out. */
function meanOverTriples(a: Residual, b: Residual): Tensor {
  const squares = square(sub(a.value, b.value));
  const masks = [a.mask, b.mask].filter((mask) => mask !== null);
  const kept = masks.length === 0 ? ones(squares) : masks.reduce((product, mask) => mul(product, mask));
  return meanOver(reduceSum(mul(squares, kept)), reduceSum(kept));
}

/** Embeddings [n, d] of pictures or clips, and their valence and arousal [n, 2]. */
export interface Labelled {
  readonly embeddings: Tensor;
  readonly moods: Tensor;
}

/**
 * docs/method.md (2), dense: each picture is an anchor with all pairs of clips, each clip with all pairs of pictures.
 * Means replace the sums over triples, so that the weight of the term does not depend on the batch size.
 */
export function denseCrossRatio(
  pictures: Labelled,
  clips: Labelled,
  sigma: number,
  prediction: RatioReading,
): Tensor {
  const residual = (anchors: Labelled, others: Labelled): Residual =>
    crossResidual(
      squaredDistances(anchors.embeddings, others.embeddings),
      planeDistances(anchors.moods, others.moods),
      sigma,
      prediction,
    );
  return add(meanOverPairs(residual(pictures, clips)), meanOverPairs(residual(clips, pictures)));
}

/**
 * docs/method.md (2) of sampled pairs: row i of pictures and of clips is a pair, and the clip (the picture) of row i +
 * 1 completes the triple.
 * @param matched similarity of the pairs [n] if given (a file of pairs); by default from the labels
 */
export function sampledCrossRatio(
  pictures: Labelled,
  clips: Labelled,
  sigma: number,
  prediction: RatioReading,
  matched: Tensor | null,
): Tensor {
  const residual = (a: Labelled, b: Labelled, given: Tensor | null): Residual => {
    const distances = rowDistances(a.embeddings, b.embeddings);
    if (given !== null && prediction === 'similarity') return followingLogOf(given, distances, true);
    return crossResidual(distances, sqrt(rowDistances(a.moods, b.moods)), sigma, prediction);
  };
  const same = residual(pictures, clips, matched);
  return add(
    meanOverTriples(same, residual(pictures, rolledLabelled(clips, 1), null)),
    meanOverTriples(same, residual(rolledLabelled(pictures, 1), clips, null)),
  );
}

function rolledLabelled({ embeddings, moods }: Labelled, by: number): Labelled {
  return { embeddings: rolled(embeddings, by), moods: rolled(moods, by) };
}

/**
 * docs/method.md (4) or (5), dense: every item is an anchor with all pairs of the others of its modality; a mean as in
 * (2). Items with the anchor's own label have no ratio to it, so they are left out, and the anchor itself too.
 */
export function denseSingleRatio({ embeddings, moods }: Labelled): Tensor {
  return meanOverPairs(
    followingLogOf(squaredPlaneDistances(moods, moods), squaredDistances(embeddings, embeddings), false),
  );
}

/** docs/method.md (4) or (5) of triples: item i is the anchor of items i + 1 and i + 2, unless one has its label. */
export function sampledSingleRatio(items: Labelled): Tensor {
  const residual = (by: number): Residual => {
    const other = rolledLabelled(items, by);
    return followingLogOf(
      rowDistances(items.moods, other.moods),
      rowDistances(items.embeddings, other.embeddings),
      false,
    );
  };
  return meanOverTriples(residual(1), residual(2));
}
