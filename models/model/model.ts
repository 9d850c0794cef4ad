import type { ClipInput } from '../encoders/index.ts';
import type { FeatureRows } from '../features/index.ts';
import type { Graph } from '../graph/index.ts';
import type { SquashedSize } from '../pictures/index.ts';
import type { ModelDescription } from '../weights/index.ts';
import type { Explanation } from './explanation.ts';
import type { Mood } from './mood.ts';

/** Numbers in an embedding of a picture or clip, unless a model was trained with another number. */
export const EMBEDDING_SIZE = 512;

/**
 * A picture with at least this probability of open_nsfw is marked, and not shown unless a person allows it. It finds 38
 * of OASIS's 59 nudes and marks 20 of its 722 other photographs and 1 of 60 coloured fractal clouds; at 0.5 it finds
 * 19, and marks 10 and 1.
 */
export const UNSAFE_THRESHOLD = 0.2;

/** A model's prediction for a picture or clip. */
export interface Prediction extends Mood {
  /** The same length for pictures and clips: the model's embedding size, by default EMBEDDING_SIZE. */
  readonly embedding: Float32Array;
  /**
   * Standard deviations of the errors of valence and of arousal, measured on pictures or music outside the training
   * data; > 0.
   */
  readonly valenceSd: number;
  readonly arousalSd: number;
  /**
   * Whether valence and arousal come from the model or a person, if a person gave at least one of them (see
   * models/moods). The embedding is always the model's.
   */
  readonly by?: Readonly<Record<keyof Mood, 'hand' | 'model'>> | undefined;
  /** The model's own mood, when a person's mood replaces it. */
  readonly byModel?: Mood | undefined;
  /** The contributions of the model's encoders, on request: see `Model.explained`. */
  readonly explanation?: Explanation | undefined;
}

/** A model's prediction for a picture. */
export interface PicturePrediction extends Prediction {
  /** Probability in [0, 1] that the picture is pornographic or a drawing of that kind. */
  readonly unsafe: number;
}

/**
 * The score that ranks pictures for a clip. The picture's part is computed once for an index, the clip's part once for
 * a clip.
 */
export interface Ranking {
  /**
   * What the score compares: the two points of the plane with their uncertainty, the two embeddings (by inner products
   * of the vectors), or both through the learnt similarity predictor.
   */
  readonly score: 'plane' | 'embedding' | 'predictor';
  /** Length of a picture vector and of a query vector. */
  readonly width: number;
  pictureVector(picture: Prediction): Float32Array;
  queryVector(clip: Prediction): Float32Array;
  /**
   * Scores pictures for one clip; the higher, the better it fits. Scores are comparable within one query only.
   * For `embedding` they are the inner products of the vectors.
   * @param vectors picture vectors, row-major [count, width]
   * @param out [count]; by default a new array
   */
  scores(vectors: Float32Array, query: Float32Array, out?: Float32Array): Float32Array;
}

/**
 * A model as graphs, for other programs. All values are float32, all shapes are fixed for one batch size B; the graph
 * includes the preparation of the inputs.
 */
export interface ModelGraphs {
  /**
   * Input `pixels` [B, height, width, 3], sRGB on 0..255, of the model's `pictureInput`; outputs `embedding` [B, E],
   * `mood` [B, 2] (valence, arousal) and, when the model squashes pictures like the encoders, `unsafe` [B, 1]. E is the
   * model's embedding size, by default EMBEDDING_SIZE.
   */
  readonly picture: Graph;
  /**
   * Input `features` [B, 193, 87]; or `samples`, [B, 44100] for a model that takes clips alone, [B, 66150] for one that
   * also takes the second before them (zeros where there was no sound yet). Outputs `embedding` [B, E] and `mood` [B,
   * 2] (valence, arousal).
   */
  readonly music: Graph;
  /**
   * The learnt similarity predictor, if there is one: inputs `picture` and `clip`, both [B, E], embeddings; output
   * `similarity` [B, 1].
   */
  readonly similarity?: Graph;
}

/** Predictions for pictures that follow from another model's index, without a network. */
export interface RefinedPredictions {
  /** Fingerprint of the other model. This model has the same embeddings. */
  readonly base: string;
  readonly of: (
    prediction: Mood,
    embedding: Float32Array,
  ) => Pick<Prediction, 'valence' | 'arousal' | 'valenceSd' | 'arousalSd'>;
}

/** An open model: pictures and clips in, embeddings, moods and scores out. */
export interface Model {
  /** Where it was read from: the folder of its model.json. */
  readonly folder: string;
  /** SHA-256 in hex (see `fingerprintOf`): predictions of models with different ones are not comparable. */
  readonly fingerprint: string;
  readonly description: ModelDescription;
  /** One line for people: which engine runs it. */
  readonly engine: string;
  /** The size that callers squash pictures to: the whole picture, without regard to its proportions. */
  readonly pictureInput: SquashedSize;
  /**
   * @param pixels for each picture sRGB bytes, row-major [height, width, 3] of `pictureInput`
   * @throws SynestheteError ENGINE_FAILED
   */
  embedPictures(pixels: readonly Uint8Array[]): Promise<PicturePrediction[]>;
  /** The features of clips that embedClips needs; 'none': they may be empty. */
  readonly featureRows: FeatureRows | 'none';
  /**
   * @param clips in the order of the sound if they come from one source: an encoder may continue from one to the next
   * @throws SynestheteError ENGINE_FAILED
   */
  embedClips(clips: readonly ClipInput[]): Promise<Prediction[]>;
  /**
   * Predicted similarity (docs/method.md's s, in [0, 1]) of each picture with each clip.
   * @returns row-major [pictures, clips]
   */
  similarities(pictures: readonly Prediction[], clips: readonly Prediction[]): Promise<Float32Array>;
  readonly ranking: Ranking;
  /** Present in a refined model: derives its predictions for pictures from the base model's. */
  readonly refines?: RefinedPredictions;
  /**
   * The same model, with explained predictions that take a little longer; absent in a model without frozen encoders.
   * Close it instead of this one.
   */
  explained?(): Model;
  /** The graphs that it runs, for batches of that size; absent in a model without graphs. */
  graphs?(batch: number): Promise<ModelGraphs>;
  /** Frees the memory. */
  close(): Promise<void>;
}
