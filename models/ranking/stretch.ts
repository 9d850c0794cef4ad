import type { Mood } from '../model/index.ts';

/** Where moods lie and how far they are spread, along each axis. */
export interface MoodSpread {
  readonly mean: Mood;
  /** Standard deviations, ≥ 0. */
  readonly sd: Mood;
}

/**
 * The smallest standard deviation that counts for a night along an axis. Without it, noise in the predictions for steady
 * music would make the pictures jump.
 */
const LEAST_NIGHT_SD = 0.05;

/** Mean and (population) standard deviation of moods. @throws RangeError when there are none */
export function spreadOf(moods: Iterable<Mood>): MoodSpread {
  let count = 0;
  const mean = { valence: 0, arousal: 0 };
  const squares = { valence: 0, arousal: 0 };
  for (const mood of moods) {
    count += 1;
    for (const axis of ['valence', 'arousal'] as const) {
      const fromOldMean = mood[axis] - mean[axis];
      mean[axis] += fromOldMean / count;
      squares[axis] += fromOldMean * (mood[axis] - mean[axis]);
    }
  }
  if (count === 0) throw new RangeError('no mood has no mean');
  return {
    mean,
    sd: { valence: Math.sqrt(squares.valence / count), arousal: Math.sqrt(squares.arousal / count) },
  };
}

/**
 * Moves a mood of the music from its place in the night towards the same place among the pictures of the gallery. Along
 * each axis, `fit` 0 gives the mood itself, 1 gives galleryMean + (mood − nightMean) · gallerySd / nightSd, and
 * values between interpolate linearly. The result may leave [0, 1]: it only ranks pictures, and beyond the edge those at
 * the edge fit best, in their order there.
 *
 * @param fit in [0, 1]
 */
export function stretched(mood: Mood, night: MoodSpread, gallery: MoodSpread, fit: number): Mood {
  const along = (axis: keyof Mood): number => {
    const ratio = gallery.sd[axis] / Math.max(LEAST_NIGHT_SD, night.sd[axis]);
    const relative = gallery.mean[axis] + (mood[axis] - night.mean[axis]) * ratio;
    return mood[axis] + fit * (relative - mood[axis]);
  };
  return { valence: along('valence'), arousal: along('arousal') };
}

/** The derivative of `stretched` by the mood: the factor by which it multiplies the deviation of an error. */
export function stretchFactor(night: MoodSpread, gallery: MoodSpread, fit: number): Mood {
  const along = (axis: keyof Mood): number =>
    1 - fit + (fit * gallery.sd[axis]) / Math.max(LEAST_NIGHT_SD, night.sd[axis]);
  return { valence: along('valence'), arousal: along('arousal') };
}
