import type { Mood, Prediction } from '../model/index.ts';
import type { MoodRow } from './table.ts';

/** A stretch of a file, and the valence, arousal or both that a person gave it. */
interface HandStretch {
  readonly startSeconds: number;
  /** Infinity: to the end of the file. */
  readonly endSeconds: number;
  readonly mood: Partial<Mood>;
  /** Index of its row. */
  readonly index: number;
}

/**
 * Standard deviation of a mood that a person set. The built-in model's predictions have 0.1 to 0.15; people who place a
 * mood on a plane of about 500 pixels hardly repeat it better than this. It is above 0 because rankings weigh by it.
 */
export const HAND_SD = 0.05;

/**
 * The moods that a person gave one file. Where stretches overlap, the shortest one wins; of equally long ones, such as
 * cue points without an end, the one that starts last. The axes are independent: a stretch without valence leaves the
 * valence of a longer one in force.
 */
export class FileMoods {
  /** The one that wins first. */
  readonly #stretches: readonly HandStretch[];

  /** @param rows all of one file */
  constructor(rows: readonly Omit<MoodRow, 'line' | 'file'>[]) {
    const length = ({ startSeconds, endSeconds }: HandStretch): number => endSeconds - startSeconds;
    this.#stretches = rows
      .map(({ valence, arousal, startSeconds = 0, endSeconds = Infinity }, index) => ({
        index,
        startSeconds,
        endSeconds,
        mood: partOf(valence ?? undefined, arousal ?? undefined),
      }))
      .sort((a, b) =>
        length(a) === length(b) ? b.startSeconds - a.startSeconds : length(a) < length(b) ? -1 : 1,
      );
  }

  /** The mood that a person set at a moment of the file; for a clip, pass its middle. Undefined when there is none. */
  at(seconds: number): Partial<Mood> | undefined {
    const here = this.#at(seconds);
    const along = (axis: keyof Mood): number | undefined =>
      here.find(({ mood }) => mood[axis] !== undefined)?.mood[axis];
    const [valence, arousal] = [along('valence'), along('arousal')];
    return valence === undefined && arousal === undefined ? undefined : partOf(valence, arousal);
  }

  /**
   * The file in pieces of one mood each, in order, without those that have none; `index` is that of the row that wins
   * first there.
   */
  pieces(): readonly HandStretch[] {
    const ends = this.#stretches.flatMap(({ startSeconds, endSeconds }) => [startSeconds, endSeconds]);
    const bounds = [...new Set(ends)].sort((a, b) => a - b);
    return bounds.slice(0, -1).flatMap((startSeconds, i) => {
      const mood = this.at(startSeconds);
      const [first] = this.#at(startSeconds);
      if (mood === undefined || first === undefined) return [];
      return [{ startSeconds, endSeconds: bounds[i + 1]!, mood, index: first.index }];
    });
  }

  /** Those that cover a moment, the one that wins first. */
  #at(seconds: number): readonly HandStretch[] {
    return this.#stretches.filter(
      ({ startSeconds, endSeconds }) => startSeconds <= seconds && seconds < endSeconds,
    );
  }
}

function partOf(valence: number | undefined, arousal: number | undefined): Partial<Mood> {
  return { ...(valence !== undefined && { valence }), ...(arousal !== undefined && { arousal }) };
}

/**
 * A model's prediction with the person's values in place of its own, and with the deviation HAND_SD there. The
 * embedding stays the model's: a ranking in the plane uses the person's mood alone; for a ranking of embeddings or by
 * the learnt predictor, which depend only on the sound, it becomes a push from the model's mood to the person's (see
 * `targetOf` and `rank`).
 */
export function byHand<R extends Prediction>(prediction: R, hand: Partial<Mood> | undefined): R {
  if (hand === undefined) return prediction;
  const { valence, arousal } = hand;
  return {
    ...prediction,
    ...(valence !== undefined && { valence, valenceSd: HAND_SD }),
    ...(arousal !== undefined && { arousal, arousalSd: HAND_SD }),
    byModel: { valence: prediction.valence, arousal: prediction.arousal },
    by: {
      valence: valence === undefined ? 'model' : 'hand',
      arousal: arousal === undefined ? 'model' : 'hand',
    },
  };
}
