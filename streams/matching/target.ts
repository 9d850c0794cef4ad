import type { Mood, Prediction } from '../../models/model/index.ts';
import { stretched, stretchFactor, type MoodSpread } from '../../models/ranking/index.ts';

/** What the operator and the gallery do to the mood of the music before pictures are ranked. */
export interface Aim {
  /** The spread of the moods of the pictures that may be shown; undefined when there are none. */
  readonly gallery: MoodSpread | undefined;
  /** 0: pictures of the music's own mood; 1: of its place in the night so far. */
  readonly fit: number;
  /** How far the operator pushes the mood. */
  readonly offset: Mood;
}

/** What pictures are ranked by. */
export interface Target {
  /** The music, with the uncertainty that its place has after stretching. */
  readonly prediction: Prediction;
  /** Where the place lies from the mood of the music, as the model reads it. */
  readonly offset: Mood;
}

/**
 * The place in the plane that pictures are ranked by: the mood stretched as `fit` says, then pushed, so that a push moves
 * it as far in every gallery.
 */
export function targetOf(
  { valence, arousal, valenceSd, arousalSd, embedding, byModel }: Prediction,
  night: MoodSpread,
  { gallery, fit, offset }: Aim,
): Target {
  const mood = { valence, arousal };
  // A person's mood is a push from what the model reads, which rankings that don't know the plane understand as well.
  const read = byModel ?? mood;
  const place = gallery === undefined ? mood : stretched(mood, night, gallery, fit);
  const factor = gallery === undefined ? ONE : stretchFactor(night, gallery, fit);
  return {
    prediction: {
      ...read,
      valenceSd: valenceSd * factor.valence,
      arousalSd: arousalSd * factor.arousal,
      embedding,
    },
    offset: {
      valence: place.valence - read.valence + offset.valence,
      arousal: place.arousal - read.arousal + offset.arousal,
    },
  };
}

const ONE: Mood = { valence: 1, arousal: 1 };
