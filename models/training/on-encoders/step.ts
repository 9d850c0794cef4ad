import { project, systemOf, type CdcmlSettings } from '../../families/on-encoders/index.ts';
import { Graph, add, mul, reduceMean, square, sub } from '../../graph/index.ts';
import type { Hardware } from '../../graph/index.ts';
import { TrainingGraph, adamW } from '../../graph/training/index.ts';
import type { TrainableState } from '../../graph/training/index.ts';
import { moodsOf, similarityOf } from '../../networks/index.ts';
import { trainingLayers } from '../../networks/training/index.ts';
import type { DropoutMask } from '../../networks/training/index.ts';
import { totalLoss } from '../losses/index.ts';

/** The terms of docs/method.md's loss (8) besides that of the similarity (6), which has its own targets here. */
const OTHER_TERMS = ['va', 'cfr', 'cfm', 'sfr'] as const;

export const LOSS_NAMES = ['sim', ...OTHER_TERMS] as const;

/** Names of a step's inputs besides the masks of dropout. */
export const INPUT = {
  pictures: 'pictures',
  clips: 'clips',
  pictureMoods: 'pictureMoods',
  clipMoods: 'clipMoods',
  similarity: 'pairSimilarity',
} as const;

export interface Step {
  readonly graph: Graph;
  readonly trainable: readonly TrainableState[];
  readonly masks: ReadonlyMap<string, DropoutMask>;
}

/**
 * A training step: the five losses of docs/method.md on a batch of pairs, all over the whole batch.
 * @param sizes coordinates of a picture and of a clip
 * @param sigma σ of (1)
 */
export function trainingStep(
  settings: CdcmlSettings,
  sizes: { readonly picture: number; readonly clip: number },
  sigma: number,
  hardware: Hardware,
): Step {
  const { batch, embedding: width, weights, margin, weightDecay } = settings;
  const graph = new Graph('cdcml', hardware);
  const training = new TrainingGraph(graph);
  const layers = trainingLayers(training);
  const system = systemOf(settings);
  const pictures = project(layers, 'image', graph.input(INPUT.pictures, [batch, sizes.picture]), width);
  const clips = project(layers, 'music', graph.input(INPUT.clips, [batch, sizes.clip]), width);
  const predicted = similarityOf(layers, pictures, clips, 'sampled', system);
  const wanted = graph.input(INPUT.similarity, [batch]);
  const similarityLoss = graph.within('sim', () => reduceMean(square(sub(predicted, wanted))));
  const { loss: others, terms } = totalLoss(
    {
      pictures: { embeddings: pictures, moods: graph.input(INPUT.pictureMoods, [batch, 2]) },
      clips: { embeddings: clips, moods: graph.input(INPUT.clipMoods, [batch, 2]) },
      similarity: null,
      moods: moodsOf(layers, pictures, clips, system),
      matched: null,
    },
    { terms: OTHER_TERMS, weights, pairs: 'sampled', prediction: 'similarity', margin, sigma },
  );
  const loss = add(others, mul(similarityLoss, weights.sim));
  const trainable = training.finish(loss, adamW({ weightDecay }), { sim: similarityLoss, ...terms });
  return { graph, trainable, masks: layers.masks };
}
