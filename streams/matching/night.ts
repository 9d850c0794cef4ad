import { map, scan, type OperatorFunction } from 'rxjs';
import type { MoodSpread } from '../../models/ranking/index.ts';
import { heardSince, isSilent, type ClipPrediction, type MoodSample } from './mood.ts';

/** The moods of the music so far: what `fit` stretches over the moods of the gallery. */
export interface Night {
  /** The model whose moods these are: those of another mean something else. */
  readonly model: string | undefined;
  /** Mean and deviation of the moods, each weighted by the seconds of sound that it stands for. */
  readonly spread: MoodSpread;
  /** Those seconds, silence left out; the prior counts as PRIOR_SECONDS. */
  readonly seconds: number;
  /** Where the last clip ended. */
  readonly endSeconds: number;
}

/** A clip with the mood after it and the night up to it. */
export interface MoodInNight<Clip extends ClipPrediction> extends MoodSample<Clip> {
  readonly night: MoodSpread;
}

/** What the first songs are measured by counts as so much sound: a minute of music can't tell how a night will be. */
const PRIOR_SECONDS = 120;

/**
 * Adds to each mood the night so far. It begins with the prior, the moods of the music that the model has learnt from, and
 * so again with the first clip of another model.
 *
 * @param resumed of a show before; used as long as its model is heard
 * @param priorOf the prior of the model that is heard now
 * @param onNight gets the night after each clip
 */
export function followNight<Clip extends ClipPrediction>(
  resumed: Night | undefined,
  priorOf: () => MoodSpread,
  onNight: (night: Night) => void = () => undefined,
): OperatorFunction<MoodSample<Clip>, MoodInNight<Clip>> {
  return (moods) =>
    moods.pipe(
      scan(
        (last: { readonly night: Night | undefined; readonly sample?: MoodSample<Clip> }, sample) => {
          const night = nightStep(last.night, sample, priorOf);
          onNight(night);
          return { night, sample };
        },
        { night: resumed },
      ),
      map(({ night, sample }) => ({ ...sample!, night: night!.spread })),
    );
}

/** One step of `followNight`; silence changes nothing. Weighted as by West, "Updating mean and variance estimates" (1979). */
export function nightStep(
  before: Night | undefined,
  { clip, mood }: MoodSample<ClipPrediction>,
  priorOf: () => MoodSpread,
): Night {
  const { endSeconds, model } = clip;
  const isSame = before !== undefined && before.model === model;
  const last = isSame ? before : { model, spread: priorOf(), seconds: PRIOR_SECONDS, endSeconds: NaN };
  if (isSilent(clip)) return { ...last, endSeconds };
  const heard = heardSince(last.endSeconds, clip);
  const seconds = last.seconds + heard;
  const part = heard / seconds;
  const { mean, sd } = last.spread;
  const along = (axis: 'valence' | 'arousal') => {
    const step = mood[axis] - mean[axis];
    const variance = (1 - part) * (sd[axis] ** 2 + part * step ** 2);
    return { mean: mean[axis] + part * step, sd: Math.sqrt(variance) };
  };
  const [valence, arousal] = [along('valence'), along('arousal')];
  return {
    model,
    spread: {
      mean: { valence: valence.mean, arousal: arousal.mean },
      sd: { valence: valence.sd, arousal: arousal.sd },
    },
    seconds,
    endSeconds,
  };
}
