import { Graph, TrainingGraph, adamW, sgd } from '../../graph/index.ts';
import type { Evolving, Hardware, Optimiser, Shape } from '../../graph/index.ts';
import {
  clipBranch,
  clipShape,
  featureWidth,
  maskedBy,
  moodsOf,
  pictureBranch,
  pictureShape,
  similarityOf,
  trainingLayers,
} from '../../networks/index.ts';
import type { DropoutMask, SystemSettings } from '../../networks/index.ts';
import { totalLoss } from '../losses/index.ts';
import type { LossTerm } from '../losses/index.ts';
import type { TrainingSettings } from './settings.ts';

/** A training step as a graph, and what it must be fed. */
export interface TrainingStep {
  readonly graph: Graph;
  readonly evolving: readonly Evolving[];
  readonly masks: ReadonlyMap<string, DropoutMask>;
  /** Terms of the loss, which are outputs by these names beside `loss`. */
  readonly terms: readonly LossTerm[];
  /** Pictures, and clips, that one run takes, and runs a step takes. */
  readonly slice: number;
  readonly slices: number;
}

/** Names of the inputs that a batch fills. */
export const INPUT = {
  pictures: 'pictures',
  clips: 'clips',
  pictureMoods: 'pictureMoods',
  clipMoods: 'clipMoods',
  rowMask: 'rowMask',
  frameMask: 'frameMask',
  similarity: 'pairSimilarity',
} as const;

function optimiserOf({ optimiser, momentum, weightDecay }: TrainingSettings): Optimiser {
  return optimiser === 'sgd' ? sgd({ momentum, weightDecay }) : adamW({ weightDecay });
}

/**
 * The step that trains a system's network.
 * @param hasPairs whether similarities of the pairs are given (INPUT.similarity)
 * @param hardware what it is going to run on
 */
export function networkStep(
  system: SystemSettings,
  settings: TrainingSettings,
  sigma: number,
  hasPairs: boolean,
  hardware: Hardware,
): TrainingStep {
  const graph = new Graph(system.system, hardware);
  const training = new TrainingGraph(graph);
  const layers = trainingLayers(training);
  const { slice, pairs, terms } = settings;
  const input = (name: string, shape: Shape) => graph.input(name, [slice, ...shape]);
  const [rows, columns] = clipShape(system);
  const moods = {
    pictures: input(INPUT.pictureMoods, [2]),
    clips: input(INPUT.clipMoods, [2]),
  };
  const mask = settings.augment
    ? maskedBy(input(INPUT.rowMask, [rows, 1]), input(INPUT.frameMask, [1, columns]))
    : undefined;
  const pictures = graph.within('picture', () =>
    pictureBranch(layers, input(INPUT.pictures, pictureShape(system)), system),
  );
  const clips = graph.within('clip', () =>
    clipBranch(layers, input(INPUT.clips, [rows, columns]), system, mask),
  );
  const { loss, terms: values } = totalLoss(
    {
      pictures: { embeddings: pictures.embedding, moods: moods.pictures },
      clips: { embeddings: clips.embedding, moods: moods.clips },
      similarity: system.predictsSimilarity
        ? similarityOf(layers, pictures.embedding, clips.embedding, pairs, system)
        : null,
      moods: terms.includes('va') ? moodsOf(layers, pictures.features, clips.features, system) : null,
      matched: hasPairs ? input(INPUT.similarity, []) : null,
    },
    {
      terms,
      weights: settings.weights,
      pairs,
      reading: settings.ratio,
      margin: settings.margin,
      sigma,
    },
  );
  const slices = settings.batch / slice;
  const evolving = training.finish(loss, optimiserOf(settings), values, { slices });
  return { graph, evolving, masks: layers.masks, terms, slice, slices };
}

/** Settings of the predictor of VA that is trained afterwards: a small network on features that are in memory. */
export const MOOD_STAGE = { batch: 64, epochs: 150, patience: 25, learningRate: 1e-3, weightDecay: 0.01 };

/** The step that trains a predictor of VA on learned features, when the rest of the network is done. */
export function moodStep(system: SystemSettings, batch: number, hardware: Hardware): TrainingStep {
  const graph = new Graph(`${system.system}: valence and arousal`, hardware);
  const training = new TrainingGraph(graph);
  const layers = trainingLayers(training);
  const features = (name: string) => graph.input(name, [batch, featureWidth(system)]);
  const labels = (name: string) => graph.input(name, [batch, 2]);
  const [pictures, clips] = [features(INPUT.pictures), features(INPUT.clips)];
  const terms = ['va'] as const;
  const { loss, terms: values } = totalLoss(
    {
      pictures: { embeddings: pictures, moods: labels(INPUT.pictureMoods) },
      clips: { embeddings: clips, moods: labels(INPUT.clipMoods) },
      similarity: null,
      moods: moodsOf(layers, pictures, clips, system),
      matched: null,
    },
    {
      terms,
      weights: { sim: 1, va: 1, cfr: 1, cfm: 1, sfr: 1 },
      pairs: 'dense',
      reading: 'similarity',
      margin: 0,
      sigma: 1,
    },
  );
  const evolving = training.finish(loss, adamW({ weightDecay: MOOD_STAGE.weightDecay }), values);
  return { graph, evolving, masks: layers.masks, terms, slice: batch, slices: 1 };
}
