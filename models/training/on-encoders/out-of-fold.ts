import type { Engine } from '../../engine/index.ts';
import { readCoordinates, systemOf } from '../../families/on-encoders/index.ts';
import type { CdcmlSettings } from '../../families/on-encoders/index.ts';
import { Graph } from '../../graph/index.ts';
import { PairScorer } from '../../networks/index.ts';
import type { Weights } from '../../networks/index.ts';
import type { Branch } from './branch.ts';
import type { StudentWeights } from './student.ts';

/** An out-of-fold prediction for an example. */
export interface OutOfFoldPrediction {
  /** Index of the example. */
  readonly example: number;
  readonly fold: number;
  readonly valence: number;
  readonly arousal: number;
  readonly embedding: Float32Array;
}

/** Examples that go through the network at once. */
const BATCH = 256;

/**
 * Predictions for the original examples of one fold.
 * @throws SynestheteError ENGINE_FAILED
 */
export function readLeftOut(
  engine: Engine,
  settings: CdcmlSettings,
  weights: StudentWeights,
  kind: 'image' | 'music',
  side: Branch,
  fold: number,
): Promise<OutOfFoldPrediction[]> {
  const { examples, folds } = side;
  const chosen = examples.flatMap(({ isOriginal }, i) => (isOriginal && folds[i] === fold ? [i] : []));
  return readExamples(engine, settings, weights, kind, side, chosen);
}

/**
 * Predictions for chosen examples, in their order.
 * @throws SynestheteError ENGINE_FAILED
 */
export async function readExamples(
  engine: Engine,
  settings: CdcmlSettings,
  weights: StudentWeights,
  kind: 'image' | 'music',
  { coordinates, size, folds }: Branch,
  chosen: readonly number[],
): Promise<OutOfFoldPrediction[]> {
  const graph = new Graph('left out');
  readCoordinates({ settings, weights: Object.fromEntries(weights) }, kind, graph.input('x', [BATCH, size]));
  const session = await engine.load(graph);
  const predictions: OutOfFoldPrediction[] = [];
  try {
    for (let first = 0; first < chosen.length; first += BATCH) {
      const part = chosen.slice(first, first + BATCH);
      const data = new Float32Array(BATCH * size);
      part.forEach((example, i) => {
        data.set(coordinates.subarray(example * size, (example + 1) * size), i * size);
      });
      const { mood, embedding } = await session.run({ x: { dtype: 'float32', shape: [BATCH, size], data } });
      const [moods, embeddings] = [mood!.data as Float32Array, embedding!.data as Float32Array];
      const width = embedding!.shape[1]!;
      part.forEach((example, i) => {
        predictions.push({
          example,
          fold: folds[example]!,
          valence: moods[2 * i]!,
          arousal: moods[2 * i + 1]!,
          embedding: embeddings.slice(i * width, (i + 1) * width),
        });
      });
    }
  } finally {
    await session.close();
  }
  return predictions;
}

/** Predicted similarities of pictures with one clip after the other. */
export function pairScores(
  settings: CdcmlSettings,
  weights: Weights,
  pictures: readonly OutOfFoldPrediction[],
): (clip: OutOfFoldPrediction, out: Float32Array) => void {
  const scorer = new PairScorer(weights, systemOf(settings));
  const vectors = new Float32Array(pictures.length * scorer.width);
  pictures.forEach(({ embedding }, i) => {
    vectors.set(scorer.pictureVector(embedding), i * scorer.width);
  });
  return (clip, out) => {
    scorer.scores(vectors, scorer.clipVector(clip.embedding), out);
  };
}
