import { map, scan, type OperatorFunction } from 'rxjs';
import {
  ATTENTION_SPAN_SECONDS,
  attentionWeight,
  cosine,
  unitVector,
  type Attention,
  type Mood,
} from '../../models/model/index.ts';
import { heardSince, isSilent, type ClipPrediction } from './mood.ts';

/** A clip with sound, as it is looked back at. */
interface EarlierClip {
  /** The model's own valence and arousal, whatever a person says of the moment. */
  readonly mood: Mood;
  readonly valenceSd: number;
  readonly arousalSd: number;
  readonly embedding: Float32Array;
  /** The embedding, of unit length. */
  readonly key: Float32Array;
  readonly endSeconds: number;
  /** Sound that was new in it. */
  readonly heardSeconds: number;
}

/** The newest clip, with the prediction of the last half minute in place of its own. */
export interface Attended<Clip extends ClipPrediction> {
  readonly clip: Clip;
  readonly model: string | undefined;
  /** The newest last. */
  readonly earlier: readonly EarlierClip[];
}

/**
 * Reads the music of the last half minute in place of its last 2 s: the mean of the clips' predictions, each weighted by
 * the sound it brought, by how much its embedding resembles the newest one's, and by its age. Within a song, predictions of
 * similar clips steady each other; with another song, what was heard before stops to count at once. Silent clips are
 * passed on as they are. Embeddings of two models have nothing in common: with the first clip of another model the
 * half minute begins. Where a person gave the mood it stays, and what the model reads beside it is attended.
 *
 * @param attentionOf the model that is heard now
 */
export function attend<Clip extends ClipPrediction>(
  attentionOf: () => Attention,
): OperatorFunction<Clip, Clip> {
  return (clips) =>
    clips.pipe(
      scan(
        (before: Attended<Clip> | undefined, clip) => attendStep(before, clip, attentionOf()),
        undefined as Attended<Clip> | undefined,
      ),
      map((attended) => attended!.clip),
    );
}

/** One step of `attend`. */
export function attendStep<Clip extends ClipPrediction>(
  before: Attended<Clip> | undefined,
  clip: Clip,
  attention: Attention,
): Attended<Clip> {
  const { prediction, endSeconds, model } = clip;
  const known = before?.model === model ? (before?.earlier ?? []) : [];
  if (isSilent(clip)) return { clip, model, earlier: known };
  const key = unitVector(prediction.embedding);
  const { valence, arousal } = prediction.byModel ?? prediction;
  const newest: EarlierClip = {
    mood: { valence, arousal },
    valenceSd: prediction.valenceSd,
    arousalSd: prediction.arousalSd,
    embedding: prediction.embedding,
    key,
    endSeconds,
    heardSeconds: heardSince(known.at(-1)?.endSeconds ?? NaN, clip),
  };
  // Another source may have another clock: what is not older than the newest clip is of a time that is over.
  const earlier = [
    ...known.filter(
      (one) => one.endSeconds < endSeconds && endSeconds - one.endSeconds <= ATTENTION_SPAN_SECONDS,
    ),
    newest,
  ];
  const weights = earlier.map(
    (one) => one.heardSeconds * attentionWeight(attention, cosine(one.key, key), endSeconds - one.endSeconds),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const mean = (of: (one: EarlierClip) => number): number =>
    earlier.reduce((total, one, i) => total + weights[i]! * of(one), 0) / sum;
  const embedding = new Float32Array(key.length);
  earlier.forEach((one, i) => {
    for (let k = 0; k < embedding.length; k++) embedding[k]! += (weights[i]! / sum) * one.embedding[k]!;
  });
  const mood = { valence: mean((one) => one.mood.valence), arousal: mean((one) => one.mood.arousal) };
  const { by } = prediction;
  const attended = {
    ...prediction,
    valence: by?.valence === 'hand' ? prediction.valence : mood.valence,
    arousal: by?.arousal === 'hand' ? prediction.arousal : mood.arousal,
    valenceSd: by?.valence === 'hand' ? prediction.valenceSd : mean((one) => one.valenceSd),
    arousalSd: by?.arousal === 'hand' ? prediction.arousalSd : mean((one) => one.arousalSd),
    ...(prediction.byModel !== undefined && { byModel: mood }),
    embedding,
  };
  return { clip: { ...clip, prediction: attended }, model, earlier };
}
