import type { SynestheteError } from '../../models/errors.ts';
import { CLIP_SAMPLES, SAMPLE_RATE_HZ } from '../../models/features/index.ts';
import type { Model as ServedModel } from '../../models/model/index.ts';
import { readFiles, type FilePrediction, type FileRequest } from '../../streams/file-inference/index.ts';

/** A point of the valence-arousal plane. */
export interface Mood {
  /** How pleasant, in [0, 1]. */
  readonly valence: number;
  /** How excited, in [0, 1]. */
  readonly arousal: number;
}

/** What a model predicts for a picture or for a clip of sound. */
export interface Prediction extends Mood {
  /** The file, as it was named. */
  readonly file: string;
  /** Told by the content of the file, not by its name. */
  readonly kind: 'image' | 'music';
  /** Where the clip begins in the file, in seconds; null for pictures. */
  readonly startSeconds: number | null;
  /** Length of the clip in seconds: 2; null for pictures. */
  readonly durationSeconds: number | null;
  /** Standard deviation of the error of `valence`, as on data that was not trained on; > 0. */
  readonly valenceSd: number;
  /** The same of `arousal`. */
  readonly arousalSd: number;
  /** The embedding: 512 numbers, unless the model was trained with another number of them. */
  readonly embedding: Float32Array;
  /** Probability in [0, 1] that a picture is pornographic; null for sound. */
  readonly unsafe: number | null;
  /** {@link Model.fingerprint} of the model that predicted this. */
  readonly model: string;
}

/** Options of {@link Model.predict}. */
export interface PredictOptions {
  /**
   * Called with each file that can't be read; the others follow. Without it the first such file ends the predictions with
   * its error.
   */
  readonly onUnreadable?: (file: string, error: SynestheteError) => void;
  /** Called with one line about each sound file that is damaged but could be read as far as it goes. */
  readonly onNotice?: (line: string) => void;
}

/** Predicts files in their order, a picture once and a sound file for each clip. */
export async function* predictions(
  model: ServedModel,
  files: Iterable<string>,
  { onUnreadable, onNotice }: PredictOptions,
): AsyncGenerator<Prediction, void, undefined> {
  const damaged = onNotice === undefined ? {} : { damaged: onNotice };
  for await (const event of readFiles(requestsOf(files), model, damaged)) {
    const { file } = event.request;
    if (event.kind === 'prediction') yield predictionOf(file, event.of, model.fingerprint);
    else if (event.kind === 'failed') {
      if (onUnreadable === undefined) throw event.error;
      onUnreadable(file, event.error);
    }
  }
}

function* requestsOf(files: Iterable<string>): Generator<FileRequest> {
  for (const file of files) yield { file };
}

function predictionOf(file: string, of: FilePrediction, model: string): Prediction {
  const { valence, arousal, valenceSd, arousalSd, embedding } = of.prediction;
  const isClip = of.kind === 'music';
  return {
    file,
    kind: of.kind,
    startSeconds: isClip ? of.clip.startSeconds : null,
    durationSeconds: isClip ? CLIP_SAMPLES / SAMPLE_RATE_HZ : null,
    valence,
    arousal,
    valenceSd,
    arousalSd,
    embedding,
    unsafe: isClip ? null : of.prediction.unsafe,
    model,
  };
}
