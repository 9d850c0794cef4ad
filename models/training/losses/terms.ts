import { add, mul, reduceMean, relu, reshape, sqrt, square, sub } from '../../graph/index.ts';
import type { Tensor } from '../../graph/index.ts';
import { planeDistances, rowDistances, squaredDistances } from './distances.ts';
import {
  denseCrossRatio,
  denseSingleRatio,
  sampledCrossRatio,
  sampledSingleRatio,
  similarities,
} from './ratio.ts';
import type { Labelled, RatioReading } from './ratio.ts';

/** The terms of docs/method.md's loss (8) by their names in settings; `sfr` is (4) and (5) together. */
export const LOSS_TERMS = ['sim', 'va', 'cfr', 'cfm', 'sfr'] as const;

export type LossTerm = (typeof LOSS_TERMS)[number];

export interface LossSettings {
  readonly terms: readonly LossTerm[];
  /** Factors of the terms in (8). */
  readonly weights: Readonly<Record<LossTerm, number>>;
  /** `dense`: all pictures × all clips of the batch are pairs; `sampled`: row i of both is a pair. */
  readonly pairs: 'dense' | 'sampled';
  readonly prediction: RatioReading;
  /** δ of (3), a squared distance. */
  readonly margin: number;
  /** σ of (1). */
  readonly sigma: number;
}

/** The predictions of a network for a batch, and the truth. */
interface Batch {
  readonly pictures: Labelled;
  readonly clips: Labelled;
  /** Predicted similarity, [n · m] row by row of pictures (dense) or [n] (sampled); null without a predictor. */
  readonly similarity: Tensor | null;
  /** Predicted valence and arousal, [n, 2] and [m, 2]; null without a predictor. */
  readonly moods: { readonly pictures: Tensor; readonly clips: Tensor } | null;
  /** Similarity of the pairs [n], if given; else it comes from the labels. */
  readonly matched: Tensor | null;
}

/** docs/method.md (6): mean (ŝ − s)², both of one shape. */
function similarityLoss(predicted: Tensor, truth: Tensor): Tensor {
  return reduceMean(square(sub(predicted, truth)));
}

/** docs/method.md (7) for one modality: mean over the items of ‖ŷ − y‖². */
function moodLoss(predicted: Tensor, truth: Tensor): Tensor {
  return reduceMean(rowDistances(predicted, truth));
}

/** docs/method.md (3): the mean of max(0, D − δ) over pairs. */
function marginLoss(distances: Tensor, margin: number): Tensor {
  return reduceMean(relu(sub(distances, margin)));
}

function trueSimilarity({ pictures, clips, matched }: Batch, { pairs, sigma }: LossSettings): Tensor {
  if (matched !== null) return matched;
  return pairs === 'dense'
    ? reshape(similarities(planeDistances(pictures.moods, clips.moods), sigma), [-1])
    : similarities(sqrt(rowDistances(pictures.moods, clips.moods)), sigma);
}

function crossRatio({ pictures, clips, matched }: Batch, settings: LossSettings): Tensor {
  const { pairs, sigma, prediction } = settings;
  return pairs === 'dense'
    ? denseCrossRatio(pictures, clips, sigma, prediction)
    : sampledCrossRatio(pictures, clips, sigma, prediction, matched);
}

function margins({ pictures, clips }: Batch, { pairs, margin }: LossSettings): Tensor {
  const distances = pairs === 'dense' ? squaredDistances : rowDistances;
  return marginLoss(distances(pictures.embeddings, clips.embeddings), margin);
}

/**
 * docs/method.md (8): the weighted sum of the chosen terms, and each of them by itself before weighting.
 * @throws RangeError when a term needs a prediction that the batch does not have
 */
export function totalLoss(
  batch: Batch,
  settings: LossSettings,
): { readonly loss: Tensor; readonly terms: Readonly<Partial<Record<LossTerm, Tensor>>> } {
  const single = settings.pairs === 'dense' ? denseSingleRatio : sampledSingleRatio;
  const { pictures, clips, similarity, moods } = batch;
  const compute: Record<LossTerm, () => Tensor> = {
    sim: () => similarityLoss(needed(similarity, 'sim'), trueSimilarity(batch, settings)),
    va: () => {
      const predicted = needed(moods, 'va');
      return add(moodLoss(predicted.pictures, pictures.moods), moodLoss(predicted.clips, clips.moods));
    },
    cfr: () => crossRatio(batch, settings),
    cfm: () => margins(batch, settings),
    sfr: () => add(single(pictures), single(clips)),
  };
  const terms: Partial<Record<LossTerm, Tensor>> = {};
  let loss: Tensor | null = null;
  for (const term of settings.terms) {
    const value = pictures.embeddings.graph.within(term, compute[term]);
    terms[term] = value;
    const weighted = mul(value, settings.weights[term]);
    loss = loss ? add(loss, weighted) : weighted;
  }
  if (!loss) throw new RangeError('a loss needs at least one term');
  return { loss, terms };
}

function needed<T>(prediction: T | null, term: LossTerm): T {
  if (prediction === null)
    throw new RangeError(`the term ${term} needs a prediction that this network lacks`);
  return prediction;
}
