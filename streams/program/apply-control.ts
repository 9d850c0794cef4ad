import { bankFault } from './catalogue.ts';
import { changedSettings } from './changed-settings.ts';
import { chooseAny } from './choose.ts';
import type { Control } from './control.ts';
import { SOFT_SECONDS, withChange } from './flash-limiter.ts';
import { allowedOf, isAllowed, isShowable } from './state.ts';
import type { Step } from './step.ts';

/** Does what the operator asks, or refuses it and says why: then nothing has changed. */
export function applyControl(step: Step, control: Control): void {
  switch (control.control) {
    case 'hold':
      step.set({ hold: control.on });
      break;
    case 'blackout':
      setBlackout(step, control.on, control.fadeSeconds ?? step.state.settings.blackoutFadeSeconds);
      break;
    case 'next':
      next(step, control);
      break;
    case 'back':
      back(step, control);
      break;
    case 'pin':
      pin(step, control);
      break;
    case 'ban':
      ban(step, control);
      break;
    case 'bank':
      bank(step, control);
      break;
    case 'sensitivity':
    case 'dwell':
    case 'crossfade':
    case 'smoothing':
    case 'gate':
    case 'mood-offset':
    case 'fit':
    case 'display-fit':
      step.setSettings(changedSettings(control, step.state.settings));
      break;
    case 'source':
    case 'model':
    case 'mood':
    case 'mood-undo':
    case 'mood-redo':
    case 'hide':
    case 'allow':
    case 'list-undo':
    case 'list-redo':
    case 'channels':
      // The way to the program changes, or the gallery, not the program.
      break;
  }
}

function setBlackout(step: Step, on: boolean, wantedFadeSeconds: number): void {
  const { blackout, changes, screens } = step.state;
  if (blackout.on === on) return;
  const soft = !step.mayChange(0);
  const fadeSeconds = soft ? Math.max(SOFT_SECONDS, wantedFadeSeconds) : wantedFadeSeconds;
  step.set({
    blackout: { on, sinceSeconds: step.atSeconds, fadeSeconds },
    changes: soft ? changes : withChange(changes, step.atSeconds),
    // Nobody has seen the picture while it was black: its time begins again.
    screens: on
      ? screens
      : screens.map((screen) => ({ ...screen, sinceSeconds: step.atSeconds, crossfadeSeconds: fadeSeconds })),
  });
  step.effects.push({ kind: 'blackout', atSeconds: step.atSeconds, on, fadeSeconds });
}

function next(step: Step, control: Control): void {
  const { postponed } = step.state;
  const image = chooseAny(step.state, 0, postponed === null ? [] : [postponed.image]);
  if (image === undefined) step.refuse(control, 'there is no other picture that may be shown');
  else step.set({ postponed: { image, goesBack: false }, pin: null });
}

function back(step: Step, control: Control): void {
  const { postponed, past, screens } = step.state;
  const from = postponed?.goesBack === true ? past.lastIndexOf(postponed.image) : past.length;
  const image = past.slice(0, from).findLast((id) => id !== screens[0]!.image && isAllowed(step.state, id));
  if (image === undefined) step.refuse(control, 'there is no picture before this one that may be shown');
  else step.set({ postponed: { image, goesBack: true }, pin: null });
}

function pin(step: Step, control: Extract<Control, { control: 'pin' }>): void {
  const { image } = control;
  if (image === null || isShowable(step.state, image)) step.set({ pin: image, postponed: null });
  else step.refuse(control, `the picture ${image} ${whyNot(step, image)}`);
}

function ban(step: Step, control: Extract<Control, { control: 'ban' }>): void {
  const image = control.image ?? step.state.screens[0]!.image;
  if (image === null) {
    step.refuse(control, 'there is no picture on show');
    return;
  }
  if (control.on && !step.state.catalogue.indexOf.has(image)) {
    step.refuse(control, `the picture ${image} ${whyNot(step, image)}`);
    return;
  }
  const bans = new Set(step.state.bans);
  if (control.on) bans.add(image);
  else bans.delete(image);
  step.set({ bans });
  step.refreshAllowed();
}

function bank(step: Step, control: Extract<Control, { control: 'bank' }>): void {
  const { bank } = control;
  const settings = { ...step.state.settings, ...changedSettings(control, step.state.settings) };
  if (bank !== null && allowedOf({ ...step.state, settings }).bankInForce !== bank) {
    step.refuse(control, `the bank ${bankFault(step.state.catalogue, bank)}`);
    return;
  }
  step.set({ settings });
  step.refreshAllowed();
}

function whyNot(step: Step, image: string): string {
  const row = step.state.catalogue.indexOf.get(image);
  if (row === undefined) return 'is not in the gallery';
  if (step.state.bans.has(image)) return 'is banned';
  if (step.state.broken.has(image)) return 'can no longer be read';
  if (step.state.catalogue.pictures[row]!.hidden === true) return 'is hidden by hand';
  return 'is marked as unsafe';
}
