import type { ShowMessage } from '../../src/server/protocol/index.ts';
import type { Point } from './plane-view.ts';

export interface Why {
  readonly label: string;
  readonly meaning: string;
  /** From 0, as good as blind choice, to 1, the best of all; null where that is not known. */
  readonly fit: number | null;
}

/** What the help tells of `fit`. */
export const FIT_MEANING = 'Fit: 100 % is the best of all pictures for the music, 0 % as good as chance.';

/**
 * Why a picture comes next: how it fits the music; how far its mood is from where pictures are looked for when it is none
 * of the candidates; or that there is no music.
 *
 * @param fit as the status tells it
 */
export function why(
  fit: number | null,
  state: ShowMessage['show']['state'],
  target: Point | null,
  picture: Point | undefined,
): Why {
  if (state === 'idle') {
    return { label: 'calm', meaning: 'there is no music: the calmest pictures come', fit: null };
  }
  if (fit !== null) {
    const percent = Math.round(100 * Math.min(1, Math.max(0, fit)));
    return { label: `fit ${percent} %`, meaning: FIT_MEANING, fit: percent / 100 };
  }
  if (target === null)
    return { label: 'no reading yet', meaning: 'no clip of the music was read so far', fit: null };
  if (picture === undefined) return { label: '', meaning: '', fit: null };
  const apart = (name: 'valence' | 'arousal'): string => Math.abs(picture[name] - target[name]).toFixed(2);
  const [valence, arousal] = [apart('valence'), apart('arousal')];
  return {
    label: `ΔV ${valence} ΔA ${arousal}`,
    meaning: `none of the best, which were on show lately: ${valence} from the valence and ${arousal} from the arousal that is looked for`,
    fit: null,
  };
}
