import { Graph, add, mul, reduceSum } from '../../graph/index.ts';
import type { Hardware, Tensor } from '../../graph/index.ts';
import { TrainingGraph, adamW, sgd } from '../../graph/training/index.ts';
import type { TrainableState, Optimiser } from '../../graph/training/index.ts';
import {
  clipBackbone,
  clipHead,
  clipShape,
  featureWidth,
  maskedBy,
  moodsOf,
  pictureBackbone,
  pictureHead,
  pictureShape,
  similarityOf,
} from '../../networks/index.ts';
import type { Layers, SystemSettings } from '../../networks/index.ts';
import { trainingLayers } from '../../networks/training/index.ts';
import type { DropoutMask } from '../../networks/training/index.ts';
import { totalLoss } from '../losses/index.ts';
import type { LossTerm } from '../losses/index.ts';
import type { TrainingSettings } from './settings.ts';

interface StepGraph {
  readonly graph: Graph;
  readonly trainable: readonly TrainableState[];
}

/**
 * The backbones of a step whose batch goes through them in micro-batches, by gradient caching (Gao et al., "Scaling Deep
 * Contrastive Learning Batch Size under Memory Limited Setup", 2021).
 */
interface MicroBatches {
  /** Pictures, and clips, of a run. */
  readonly size: number;
  /** Runs that a batch takes. */
  readonly runs: number;
  /** What the backbones give (POOLED), without gradients. */
  readonly forward: Graph;
  /** The same again, and from the gradient of the loss with respect to it (SLOPE) the update of the backbones. */
  readonly backward: StepGraph;
}

/** A training step as graphs, and what it must be fed. */
export interface TrainingStep {
  /** Pictures, and clips, of a step. */
  readonly batch: number;
  /** Losses and heads, of the whole batch; with `micro` null the backbones as well. */
  readonly whole: StepGraph;
  readonly micro: MicroBatches | null;
  /** What evolves in all of its graphs. */
  readonly trainable: readonly TrainableState[];
  readonly masks: ReadonlyMap<string, DropoutMask>;
  /** Terms of the loss, which are outputs by these names beside `loss`, and their factors. */
  readonly terms: readonly LossTerm[];
  readonly weights: Readonly<Record<LossTerm, number>>;
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

/** What backbones give, by the input that they read: an output of `forward` and an input of `whole`. */
export const POOLED = { pictures: 'pictures:pooled', clips: 'clips:pooled' } as const;
/** The gradient with respect to POOLED: an output of `whole` and an input of `backward`. */
export const SLOPE = { pictures: 'pictures:slope', clips: 'clips:slope' } as const;

type BranchName = keyof typeof POOLED;

function optimiserOf({ optimiser, momentum, weightDecay }: TrainingSettings): Optimiser {
  return optimiser === 'sgd' ? sgd({ momentum, weightDecay }) : adamW({ weightDecay });
}

interface StepOptions {
  readonly system: SystemSettings;
  readonly settings: TrainingSettings;
  readonly sigma: number;
  /** Whether similarities of the pairs are given (INPUT.similarity). */
  readonly hasPairs: boolean;
  /** What it is going to run on. */
  readonly hardware: Hardware;
  /** Batch normalisations of the backbones, by name, that go by their running statistics; none unless told. */
  readonly fixedNorm?: (name: string) => boolean;
}

/**
 * The step that trains a system's network: one graph, or with settings.microBatch below settings.batch three, of which only
 * those of the backbones need memory for activations, and that of a micro-batch. The gradients are those of the one graph,
 * but for batch normalisation inside the backbones, which is over a micro-batch.
 */
export function networkStep(options: StepOptions): TrainingStep {
  const { settings } = options;
  return settings.microBatch < settings.batch ? cachedStep(options) : undividedStep(options);
}

function undividedStep(options: StepOptions): TrainingStep {
  const { system, settings, hardware } = options;
  const training = new TrainingGraph(new Graph(system.system, hardware));
  const layers = trainingLayers(training, options);
  const pooled = {
    pictures: backbone(layers, 'pictures', settings.batch, options),
    clips: backbone(layers, 'clips', settings.batch, options),
  };
  const { loss, terms } = lossOf(layers, pooled, options);
  const trainable = training.finish(loss, optimiserOf(settings), terms);
  const whole = { graph: training.graph, trainable };
  return { ...common(settings), masks: layers.masks, whole, micro: null, trainable };
}

/** As `networkStep`, in three graphs whatever the size of the micro-batch. */
export function cachedStep(options: StepOptions): TrainingStep {
  const { system, settings, hardware } = options;
  const { batch, microBatch: size } = settings;
  const trained: readonly BranchName[] = system.imageFrozen ? ['clips'] : ['pictures', 'clips'];

  const forward = new Graph(`${system.system}: forward`, hardware);
  const readers = trainingLayers(new TrainingGraph(forward), options);
  for (const side of trained) forward.output(POOLED[side], backbone(readers, side, size, options));

  const heads = new TrainingGraph(new Graph(`${system.system}: heads`, hardware));
  const layers = trainingLayers(heads);
  const inputOf = (side: BranchName): Tensor => {
    const read = forward.outputs.get(POOLED[side]);
    // A frozen backbone's features come from the cache.
    if (!read) return backbone(layers, side, batch, options);
    return heads.graph.input(POOLED[side], [batch, ...read.shape.slice(1)]);
  };
  const inputs = { pictures: inputOf('pictures'), clips: inputOf('clips') };
  const { loss, terms } = lossOf(layers, inputs, options);
  const slopes = Object.fromEntries(trained.map((side) => [SLOPE[side], inputs[side]]));
  const ofHeads = heads.finish(loss, optimiserOf(settings), terms, slopes);

  const runs = batch / size;
  const training = new TrainingGraph(new Graph(`${system.system}: backward`, hardware), { runs });
  const again = trainingLayers(training, options);
  // Its gradient with respect to the backbones' parameters is that of the loss, by the chain rule.
  const products = trained.map((side) => {
    const pooled = backbone(again, side, size, options);
    return reduceSum(mul(pooled, training.graph.input(SLOPE[side], pooled.shape)));
  });
  const ofBackbones = training.finish(
    products.reduce((sum, product) => add(sum, product)),
    optimiserOf(settings),
  );
  return {
    ...common(settings),
    masks: layers.masks,
    whole: { graph: heads.graph, trainable: ofHeads },
    micro: { size, runs, forward, backward: { graph: training.graph, trainable: ofBackbones } },
    trainable: [...ofHeads, ...ofBackbones],
  };
}

function common({ batch, terms, weights }: TrainingSettings) {
  return { batch, terms, weights };
}

/** What the backbone of a side makes of the inputs of `count` pictures or clips. */
function backbone(
  layers: Layers,
  side: BranchName,
  count: number,
  { system, settings }: StepOptions,
): Tensor {
  const { graph } = layers;
  if (side === 'pictures') {
    const x = graph.input(INPUT.pictures, [count, ...pictureShape(system)]);
    return graph.within('picture', () => pictureBackbone(layers, x, system));
  }
  const [rows, columns] = clipShape(system);
  const x = graph.input(INPUT.clips, [count, rows, columns]);
  const mask = settings.augment
    ? maskedBy(
        graph.input(INPUT.rowMask, [count, rows, 1]),
        graph.input(INPUT.frameMask, [count, 1, columns]),
      )
    : undefined;
  return graph.within('clip', () => clipBackbone(layers, x, system, mask));
}

/** Losses of a batch, from what the backbones give of it. */
function lossOf(
  layers: Layers,
  pooled: Readonly<Record<BranchName, Tensor>>,
  { system, settings, sigma, hasPairs }: StepOptions,
): ReturnType<typeof totalLoss> {
  const { graph } = layers;
  const { batch, pairs, terms, weights, ratio, margin } = settings;
  const pictures = graph.within('picture', () => pictureHead(layers, pooled.pictures, system));
  const clips = graph.within('clip', () => clipHead(layers, pooled.clips, system));
  return totalLoss(
    {
      pictures: { embeddings: pictures.embedding, moods: graph.input(INPUT.pictureMoods, [batch, 2]) },
      clips: { embeddings: clips.embedding, moods: graph.input(INPUT.clipMoods, [batch, 2]) },
      similarity: system.predictsSimilarity
        ? similarityOf(layers, pictures.embedding, clips.embedding, pairs, system)
        : null,
      moods: terms.includes('va') ? moodsOf(layers, pictures.features, clips.features, system) : null,
      matched: hasPairs ? graph.input(INPUT.similarity, [batch]) : null,
    },
    { terms, weights, pairs, prediction: ratio, margin, sigma },
  );
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
  const weights = { sim: 1, va: 1, cfr: 1, cfm: 1, sfr: 1 };
  const { loss, terms: values } = totalLoss(
    {
      pictures: { embeddings: pictures, moods: labels(INPUT.pictureMoods) },
      clips: { embeddings: clips, moods: labels(INPUT.clipMoods) },
      similarity: null,
      moods: moodsOf(layers, pictures, clips, system),
      matched: null,
    },
    { terms, weights, pairs: 'dense', prediction: 'similarity', margin: 0, sigma: 1 },
  );
  const trainable = training.finish(loss, adamW({ weightDecay: MOOD_STAGE.weightDecay }), values);
  return { batch, whole: { graph, trainable }, micro: null, trainable, masks: layers.masks, terms, weights };
}
