import { choose, chooseAny } from './choose.ts';
import { isAllowed, isShowable, mayStay, type Reason } from './state.ts';
import type { Step } from './step.ts';

/** The mood is known well enough for the first picture that it chooses: half of the smoothing's window, agreeing. */
const CONFIDENT = 0.5;

/**
 * Brings every screen to what it should show now.
 * @param onset whether a note or beat begins, to cut on
 */
export function settle(step: Step, onset: boolean): void {
  for (let screen = 0; screen < step.state.screens.length; screen++) {
    if (!replace(step, screen) && !applyOperatorRequest(step, screen) && !step.isFrozen(screen))
      follow(step, screen, onset);
  }
}

/** Takes a picture away that may not stay. @returns whether there was one, or is none at all. */
function replace(step: Step, screen: number): boolean {
  const { image } = step.state.screens[screen]!;
  const elsewhere = step.state.screens.slice(0, screen).map((other) => other.image);
  const mustGo = image === null || !mayStay(step.state, image);
  const isBroken = !mustGo && step.state.broken.has(image);
  const isMisplaced = !mustGo && !step.isFrozen(screen) && !isAllowed(step.state, image);
  const isDouble = elsewhere.includes(image);
  if (!mustGo && !isBroken && !isMisplaced && !isDouble) return false;
  const chosen = chooseAny(step.state, screen);
  if (chosen === undefined && !mustGo) return false;
  // One that is on another screen as well is better than none, but nothing to change to.
  if (isDouble && !mustGo && !isBroken && elsewhere.includes(chosen!)) return false;
  if (chosen === undefined && image === null) return true;
  const { crossfadeSeconds } = step.state.settings;
  step.show(screen, chosen ?? null, crossfadeSeconds, image === null ? 'opening' : 'replacement');
  return true;
}

/** Does what the operator wants on the main screen. @returns whether there was anything. */
function applyOperatorRequest(step: Step, screen: number): boolean {
  if (screen > 0) return false;
  const { pin, postponed } = step.state;
  const { image } = step.state.screens[0]!;
  const wanted = pin !== null && image !== pin ? { image: pin, goesBack: false } : postponed;
  if (wanted === null) return false;
  // A pin may be of any bank; what was to come next or back must still be one of those that are shown.
  const mayCome = wanted === postponed ? isAllowed : isShowable;
  if (!mayCome(step.state, wanted.image) || wanted.image === image) {
    step.set({ postponed: null });
    return false;
  }
  if (!step.mayChange(0) || !step.state.reachable) return true;
  step.set({ postponed: null });
  if (wanted.goesBack) {
    step.set({ past: step.state.past.slice(0, step.state.past.lastIndexOf(wanted.image)) });
  }
  step.show(0, wanted.image, step.state.settings.crossfadeSeconds, 'operator', !wanted.goesBack);
  return true;
}

/** Lets the music, or silence, choose. */
function follow(step: Step, screen: number, onset: boolean): void {
  if (step.state.gate.open) followMusic(step, screen, onset);
  else followSilence(step, screen);
}

function followSilence(step: Step, screen: number): void {
  const { settings, screens } = step.state;
  const { sinceSeconds, reason, dueSinceSeconds } = screens[screen]!;
  if (dueSinceSeconds !== null) step.setScreen(screen, { dueSinceSeconds: null });
  const ofMusic = reason === 'fit' || reason === 'dwell';
  const stays = ofMusic ? settings.minimumDwellSeconds : settings.idleDwellSeconds;
  if (step.atSeconds - sinceSeconds < stays || !step.mayChange(screen)) return;
  const next = choose(step.state, screen);
  if (next !== undefined) step.show(screen, next, settings.idleCrossfadeSeconds, 'idle');
}

function followMusic(step: Step, screen: number, onset: boolean): void {
  const { settings, screens } = step.state;
  const { sinceSeconds, reason, dueSinceSeconds } = screens[screen]!;
  const dwellSeconds = step.atSeconds - sinceSeconds;
  const { maximumDwellSeconds, onsetWindowSeconds, crossfadeSeconds } = settings;
  const minimumSeconds = owesDwell(step, reason) ? settings.minimumDwellSeconds : 0;
  const isLong = dwellSeconds >= maximumDwellSeconds - onsetWindowSeconds;
  const next = dwellSeconds < minimumSeconds ? undefined : due(step, screen, isLong);
  if (next === undefined) {
    if (dueSinceSeconds !== null) step.setScreen(screen, { dueSinceSeconds: null });
    return;
  }
  const dueSince = dueSinceSeconds ?? step.atSeconds;
  const isLate = step.atSeconds - dueSince >= onsetWindowSeconds || dwellSeconds >= maximumDwellSeconds;
  if ((onset || isLate) && step.mayChange(screen)) {
    step.show(screen, next, onset ? 0 : crossfadeSeconds, isLong ? 'dwell' : 'fit');
  } else if (dueSinceSeconds === null) step.setScreen(screen, { dueSinceSeconds: dueSince });
}

/** Whether a picture may stay for the minimum dwell, however badly it fits: not one of silence, nor the first of a show. */
function owesDwell(step: Step, reason: Reason): boolean {
  if (reason === 'idle') return false;
  const { match } = step.state;
  const isFirst = reason === 'opening' || reason === 'restored';
  return !isFirst || match === null || match.mood.confidence < CONFIDENT;
}

/** The picture that should take the place of the one on a screen; undefined while that should stay. */
function due(step: Step, screen: number, isLong: boolean): string | undefined {
  const { match, gate, settings, screens } = step.state;
  if (isLong) return choose(step.state, screen);
  // What was heard before the silence says nothing of the music after it.
  if (match === null || match.atSeconds < gate.sinceSeconds) return undefined;
  const { image } = screens[screen]!;
  const fitOf = (id: string | null | undefined) =>
    match.candidates.find((candidate) => candidate.id === id)?.fit ??
    match.shown.find((candidate) => candidate.id === id)?.fit;
  const fit = fitOf(image);
  if (fit === undefined || fit >= settings.sensitivity) return undefined;
  const next = choose(step.state, screen);
  return (fitOf(next) ?? -Infinity) > fit ? next : undefined;
}
