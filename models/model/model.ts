import type { ClipInput } from '../encoders/index.ts';
import type { FeatureRows } from '../features/index.ts';
import type { Graph } from '../graph/index.ts';
import type { SquashedSize } from '../pictures/index.ts';
import type { ModelDescription } from '../weights/index.ts';
import type { Explanation } from './explanation.ts';
import type { Mood } from './mood.ts';

/** Numbers in an embedding, of a picture as of a clip, unless a model was trained with another number of them. */
export const EMBEDDING_SIZE = 512;

/**
 * From this probability of open_nsfw on a picture is marked, and not shown unless that is allowed. It finds 38 of OASIS's
 * 59 nudes and marks 20 of its 722 other photographs and 1 of 60 coloured fractal clouds; at 0.5 it finds 19, and marks 10
 * and 1.
 */
export const UNSAFE_THRESHOLD = 0.2;

/** What a model reads in a picture or in a clip. */
export interface Prediction extends Mood {
  /** As many numbers for pictures as for clips; EMBEDDING_SIZE, or what the model was trained with. */
  readonly embedding: Float32Array;
  /**
   * Standard deviations of the errors of valence and of arousal, as large as errors on pictures or music that were not
   * trained on; > 0.
   */
  readonly valenceSd: number;
  readonly arousalSd: number;
  /**
   * Whose valence and whose arousal these are, where a person gave at least one of them (see models/moods). The
   * embedding is the model's all the same.
   */
  readonly by?: Readonly<Record<keyof Mood, 'hand' | 'model'>> | undefined;
  /** What the model reads itself, where a person's mood stands in its place. */
  readonly byModel?: Mood | undefined;
  /** What the model's encoders have to do with it, where that was asked for: see `Model.explained`. */
  readonly explanation?: Explanation | undefined;
}

/** What a model reads in a picture. */
export interface PicturePrediction extends Prediction {
  /** Probability in [0, 1] that the picture is pornographic or a drawing of that kind. */
  readonly unsafe: number;
}

/**
 * The score by which pictures are ranked for a clip. The picture's part is computed once for an index, the clip's part
 * once for a clip.
 */
export interface Ranking {
  /**
   * What is compared: the two points of the plane with their uncertainty, the two embeddings (by the inner products of
   * the vectors), or the answer of the learnt similarity predictor.
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
   * @param out [count]; made anew when it is not given
   */
  scores(vectors: Float32Array, query: Float32Array, out?: Float32Array): Float32Array;
}

/**
 * A model as graphs, for other programs. All values are float32, all shapes are fixed for one batch size B; what
 * makes inputs ready for the network is part of the graph.
 */
export interface ModelGraphs {
  /**
   * Input `pixels` [B, height, width, 3], sRGB on 0..255, of the model's `pictureInput`; outputs `embedding`
   * [B, E], `mood` [B, 2] (valence, arousal) and, where the model's pictures are squashed as those of the encoders, `unsafe` [B, 1]. E is EMBEDDING_SIZE, or what a model was trained with.
   */
  readonly picture: Graph;
  /**
   * Input `features` [B, 193, 87]; or `samples`, [B, 44100] of a model that hears clips alone, [B, 66150] of one that hears
   * the second before them too (zeros where there was no sound yet). Outputs `embedding` [B, E] and `mood` [B, 2] (valence,
   * arousal).
   */
  readonly music: Graph;
  /**
   * The learnt similarity predictor, where there is one: inputs `picture` and `clip`, both [B, E],
   * embeddings; output `similarity` [B, 1].
   */
  readonly similarity?: Graph;
}

/** Readings of pictures that need no network where the index of another model is there. */
export interface RefinedPredictions {
  /** Fingerprint of the other model. Its embeddings are this one's as well. */
  readonly base: string;
  readonly of: (
    prediction: Mood,
    embedding: Float32Array,
  ) => Pick<Prediction, 'valence' | 'arousal' | 'valenceSd' | 'arousalSd'>;
}

/** A trained model, opened and ready: pictures and clips in, embeddings, moods and scores out. */
export interface Model {
  /** Where it was read from: the folder of its model.json. */
  readonly folder: string;
  /** SHA-256 over its weights, in hex: readings of two models with different ones can't be compared. */
  readonly fingerprint: string;
  readonly description: ModelDescription;
  /** One line for people: which engine runs it. */
  readonly engine: string;
  /** Pictures are given squashed to this size: the whole picture, without regard to its proportions. */
  readonly pictureInput: SquashedSize;
  /**
   * @param pixels for each picture sRGB bytes, row-major [height, width, 3] of `pictureInput`
   * @throws SynestheteError ENGINE_FAILED
   */
  embedPictures(pixels: readonly Uint8Array[]): Promise<PicturePrediction[]>;
  /** Which features of clips readClips needs; 'none': they may be empty. */
  readonly featureRows: FeatureRows | 'none';
  /**
   * @param clips in the order of the sound, where they are of one source: an encoder may go on from one to the next
   * @throws SynestheteError ENGINE_FAILED
   */
  embedClips(clips: readonly ClipInput[]): Promise<Prediction[]>;
  /**
   * Predicted similarity (docs/method.md's s, in [0, 1]) of each picture with each clip.
   * @returns row-major [pictures, clips]
   */
  similarities(pictures: readonly Prediction[], clips: readonly Prediction[]): Promise<Float32Array>;
  readonly ranking: Ranking;
  /** Where its readings of pictures follow from those of another model, which was refined. */
  readonly refines?: RefinedPredictions;
  /**
   * The same model, whose readings come with an explanation, and take a little longer; absent where it isn't made of
   * frozen encoders. To be closed in place of this one.
   */
  explained?(): Model;
  /** The graphs that it runs, for batches of that size; absent where it is not made of graphs. */
  graphs?(batch: number): Promise<ModelGraphs>;
  /** Frees the memory. */
  close(): Promise<void>;
}
