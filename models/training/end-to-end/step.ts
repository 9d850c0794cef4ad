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
  /** The outputs of the backbones (POOLED), without gradients. */
  readonly forward: Graph;
  /** Computes them again, and updates the backbones from the gradient of the loss with respect to them (SLOPE). */
  readonly backward: StepGraph;
}

/** A training step as graphs, with its inputs. */
export interface TrainingStep {
  /** Pictures, and clips, of a step. */
  readonly batch: number;
  /** Losses and heads of the whole batch; the backbones as well when `micro` is null. */
  readonly whole: StepGraph;
  readonly micro: MicroBatches | null;
  /** Trainable state of all its graphs. */
  readonly trainable: readonly TrainableState[];
  readonly masks: ReadonlyMap<string, DropoutMask>;
  /** Terms of the loss, which are outputs with these names besides `loss`, and their factors. */
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

/** Outputs of the backbones by their input: an output of `forward` and an input of `whole`. */
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
  /** The hardware that runs it. */
  readonly hardware: Hardware;
  /** Batch normalisations of the backbones, by name, that use their running statistics; by default none. */
  readonly fixedNorm?: (name: string) => boolean;
}

/**
 * The step that trains a system's network: one graph, or three when settings.microBatch is below settings.batch. Then
 * only the graphs of the backbones need memory for activations, and only for a micro-batch. The gradients equal those
 * of the one graph, except for batch normalisation inside the backbones, which is over a micro-batch.
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

/** Like `networkStep`, in three graphs whatever the size of the micro-batch. */
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

/** The output of a branch's backbone for the inputs of `count` pictures or clips. */
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

/** Losses of a batch, from the outputs of the backbones. */
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
