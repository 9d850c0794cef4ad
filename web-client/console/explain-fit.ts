import type { ShowMessage } from '../../src/server/protocol/index.ts';
import type { Point } from './plane-view.ts';

interface FitExplanation {
  readonly label: string;
  readonly meaning: string;
  /** From 0, as good as blind choice, to 1, the best of all; null where it is unknown. */
  readonly fit: number | null;
}

/** Explains `fit` in the help. */
export const FIT_MEANING = 'Fit: 100 % is the best of all pictures for the music, 0 % as good as chance.';

/**
 * Explains why a picture comes next: how it fits the music; for a picture that is no candidate, how far its mood is from
 * where the show looks for pictures; or that there is no music.
 *
 * @param fit as the status gives it
 */
export function explainFit(
  fit: number | null,
  state: ShowMessage['show']['state'],
  target: Point | null,
  picture: Point | undefined,
): FitExplanation {
  if (state === 'idle') {
    return { label: 'calm', meaning: 'there is no music: the calmest pictures come', fit: null };
  }
  if (fit !== null) {
    const percent = Math.round(100 * Math.min(1, Math.max(0, fit)));
    return { label: `fit ${percent} %`, meaning: FIT_MEANING, fit: percent / 100 };
  }
  if (target === null)
    return {
      label: 'no prediction yet',
      meaning: 'the model has heard no clip of the music so far',
      fit: null,
    };
  if (picture === undefined) return { label: '', meaning: '', fit: null };
  const apart = (name: 'valence' | 'arousal'): string => Math.abs(picture[name] - target[name]).toFixed(2);
  const [valence, arousal] = [apart('valence'), apart('arousal')];
  return {
    label: `ΔV ${valence} ΔA ${arousal}`,
    meaning: `the best ones were on show lately: this one is ${valence} from the target valence and ${arousal} from the target arousal`,
    fit: null,
  };
}
