import type { Control } from './control.ts';
import { gateAt } from './gate-levels.ts';
import type { ProgramSettings } from './settings.ts';
import { withDisplayFit } from './with-display-fit.ts';

/**
 * The settings that a control changes, none for most. The program applies them, and the console ahead of the program's
 * answer.
 * @param now the settings before
 */
export function changedSettings(
  control: Control,
  now: Pick<ProgramSettings, 'displayFits'>,
): Partial<ProgramSettings> {
  switch (control.control) {
    case 'bank':
      return { bank: control.bank };
    case 'sensitivity':
      return { sensitivity: control.value };
    case 'dwell':
      return {
        minimumDwellSeconds: control.minimumSeconds,
        maximumDwellSeconds: control.maximumSeconds,
      };
    case 'crossfade':
      return { crossfadeSeconds: control.seconds };
    case 'smoothing':
      return { smoothingSeconds: control.seconds };
    case 'gate':
      return gateAt(control.decibels);
    case 'mood-offset':
      return { moodOffset: { valence: control.valence, arousal: control.arousal } };
    case 'fit':
      return { fit: control.value };
    case 'display-fit':
      return { displayFits: withDisplayFit(now.displayFits, control.display, control.fit) };
    case 'hold':
    case 'blackout':
    case 'next':
    case 'back':
    case 'pin':
    case 'ban':
    case 'mood':
    case 'mood-undo':
    case 'mood-redo':
    case 'hide':
    case 'allow':
    case 'list-undo':
    case 'list-redo':
    case 'channels':
    case 'source':
    case 'model':
      return {};
  }
}
