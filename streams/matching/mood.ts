import { Observable, type OperatorFunction } from 'rxjs';
import { CLIP_SECONDS } from '../../models/features/index.ts';
import type { Mood, Prediction } from '../../models/model/index.ts';

/** What the model read in one clip. */
export interface ClipPrediction {
  readonly prediction: Prediction;
  /** Where the clip ended, in seconds of sound. Only differences count. */
  readonly endSeconds: number;
  /** Sound in it, in seconds; a clip's whole length unless it is an early one. */
  readonly soundSeconds?: number;
  /** Root mean square of the clip's samples, full scale ±1. */
  readonly rms: number;
  /** Whatever tells the model that read it from others; undefined where there is only one. */
  readonly model?: string | undefined;
}

/**
 * The mood of the music: attended over the last half minute, and smoothed as the operator likes. `by` is that of the newest
 * clip with sound.
 */
export interface MusicMood extends Prediction {
  /**
   * How far the mood can be relied on, in [0, 1]: the part of an exponential window that has been heard, times
   * exp(−spread / SIGMA), spread being the deviation of the predictions from the mood in the plane over that window: the
   * smoothing's, but SETTLING_SECONDS at least. It is
   * low at the beginning and after silence, and while predictions contradict each other; steady music brings it to 1. It
   * tells how settled the prediction is, not how good the model.
   */
  readonly confidence: number;
  readonly endSeconds: number;
}

/** A clip, and the mood after it. */
export interface MoodSample<Clip extends ClipPrediction> {
  readonly clip: Clip;
  readonly mood: MusicMood;
}

/**
 * The spread that brings the confidence down to 1/e: the mean distance of any picture from any clip (IMEMNet's σ), that
 * is, predictions as far apart as if they had nothing to do with each other.
 */
const SIGMA = 0.3844;

/** So long a memory the confidence has where the mood is not smoothed. */
const SETTLING_SECONDS = 1.5;

/** −70 dBFS. */
const SILENT_RMS = 10 ** (-70 / 20);

/** What smoothing remembers. */
export interface Smoothed {
  readonly mood: MusicMood;
  /** The model whose predictions these are. */
  readonly model: string | undefined;
  /** Mean squared distance of the predictions from the mood, over the confidence's window. */
  readonly variance: number;
  /** The part of that window that sound has filled: 1 − e^(−heard / τ). */
  readonly filled: number;
}

/**
 * Smooths the mood over clips with an exponential window of `smoothingSeconds` (time constant, in seconds of sound; 0:
 * none), the embedding and the standard deviations alike: errors of neighbouring clips are correlated, so that smoothing
 * hardly reduces them. The weight of a clip is 1 − e^(−Δt/τ), Δt being the sound since the last clip, so that the
 * result depends on the time constant and not on the hop, and clips that were dropped leave no trace. The mood of
 * silence is that before it, with a confidence that fades; silence before any sound gives nothing. Embeddings of two models
 * have nothing in common: the first clip of another model starts again. A mood that a person gave (`by`) is taken at
 * once: it has no noise, and a cue point must come at its time.
 *
 * The variance is updated as by Finch, "Incremental calculation of weighted mean and variance" (2009), section 9.
 *
 * @param smoothingSeconds asked at each clip: it may change while music plays.
 */
export function smoothMood<Clip extends ClipPrediction>(
  smoothingSeconds: () => number,
): OperatorFunction<Clip, MoodSample<Clip>> {
  return (predictions) =>
    new Observable((subscriber) => {
      let state: Smoothed | undefined;
      return predictions.subscribe({
        next: (clip) => {
          state = smoothStep(state, clip, smoothingSeconds());
          if (state !== undefined) subscriber.next({ clip, mood: state.mood });
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: () => {
          subscriber.complete();
        },
      });
    });
}

/** Whether a clip is silence, of which a model's prediction says nothing. */
export function isSilent({ rms }: Pick<ClipPrediction, 'rms'>): boolean {
  return rms < SILENT_RMS;
}

/**
 * Sound that was not in the clip before, in seconds, at most the clip's own.
 * @param lastEndSeconds NaN where there was none
 */
export function heardSince(
  lastEndSeconds: number,
  { endSeconds, soundSeconds = CLIP_SECONDS }: Pick<ClipPrediction, 'endSeconds' | 'soundSeconds'>,
): number {
  const since = endSeconds - lastEndSeconds;
  // Another source may have another clock: then the clip's own sound is what is known to have been heard.
  return Math.min(soundSeconds, since > 0 ? since : soundSeconds);
}

/** One step of `smoothMood`. @param before undefined at the beginning, and until there was sound. */
export function smoothStep(
  before: Smoothed | undefined,
  clip: ClipPrediction,
  tauSeconds: number,
): Smoothed | undefined {
  const { prediction, endSeconds, rms, model } = clip;
  const last = before?.model === model ? before : undefined;
  const heardSeconds = heardSince(last?.mood.endSeconds ?? NaN, clip);
  const weight = tauSeconds > 0 ? -Math.expm1(-heardSeconds / tauSeconds) : 1;
  const settling = -Math.expm1(-heardSeconds / Math.max(tauSeconds, SETTLING_SECONDS));
  const isQuiet = isSilent({ rms });
  if (last === undefined)
    return isQuiet ? undefined : smoothed({ ...prediction, endSeconds }, model, 0, settling);
  if (isQuiet) {
    return smoothed({ ...last.mood, endSeconds }, model, last.variance, last.filled * (1 - settling));
  }
  const { mood, variance, filled } = last;
  const isByHand = (axis: keyof Mood): boolean => prediction.by?.[axis] === 'hand';
  // A person who changes the mood does not contradict the predictions before.
  const step = (axis: keyof Mood): number => (isByHand(axis) ? 0 : prediction[axis] - mood[axis]);
  const embedding = new Float32Array(prediction.embedding.length);
  for (let i = 0; i < embedding.length; i++) {
    embedding[i] = mood.embedding[i]! + weight * (prediction.embedding[i]! - mood.embedding[i]!);
  }
  const between = (axis: keyof Mood, name: keyof Mood | `${keyof Mood}Sd`): number =>
    isByHand(axis) ? prediction[name] : mood[name] + weight * (prediction[name] - mood[name]);
  return smoothed(
    {
      valence: between('valence', 'valence'),
      arousal: between('arousal', 'arousal'),
      valenceSd: between('valence', 'valenceSd'),
      arousalSd: between('arousal', 'arousalSd'),
      ...(prediction.by !== undefined && { by: prediction.by }),
      ...byModel(mood, prediction, weight),
      embedding,
      endSeconds,
    },
    model,
    (1 - settling) * (variance + settling * (step('valence') ** 2 + step('arousal') ** 2)),
    filled + settling * (1 - filled),
  );
}

/** What the model reads itself, smoothed like all else, from the first moment by hand on. */
function byModel(before: Prediction, now: Prediction, weight: number): Pick<Prediction, 'byModel'> {
  if (before.byModel === undefined && now.byModel === undefined) return {};
  const [from, to] = [before.byModel ?? before, now.byModel ?? now];
  const along = (axis: keyof Mood) => from[axis] + weight * (to[axis] - from[axis]);
  return { byModel: { valence: along('valence'), arousal: along('arousal') } };
}

function smoothed(
  mood: Omit<MusicMood, 'confidence'>,
  model: string | undefined,
  variance: number,
  filled: number,
): Smoothed {
  const confidence = filled * Math.exp(-Math.sqrt(variance) / SIGMA);
  return { mood: { ...mood, confidence }, model, variance, filled };
}
