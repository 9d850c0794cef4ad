import { scan, type OperatorFunction } from 'rxjs';
import { choose, chooseAny } from './choose.ts';
import type { Control } from './control.ts';
import { mayChange, SOFT_SECONDS, withChange } from './flash-limiter.ts';
import { onLevel, onTime } from './gate.ts';
import { gateAt } from './settings.ts';
import {
  allowedOf,
  isAllowed,
  isShowable,
  mayStay,
  type ProgramEffect,
  type ProgramEvent,
  type ProgramState,
  type Reason,
  type Screen,
} from './state.ts';

/** What came of one event. */
export interface ProgramStep {
  readonly event: ProgramEvent | undefined;
  readonly state: ProgramState;
  readonly effects: readonly ProgramEffect[];
}

/** Runs the program over events, each answered with a step at once. */
export function runProgram(initial: ProgramState): OperatorFunction<ProgramEvent, ProgramStep> {
  const begun: ProgramStep = { event: undefined, state: initial, effects: [] };
  return scan((last: ProgramStep, event) => advance(last.state, event), begun);
}

/** Pictures remembered of each screen, at least. */
const LEAST_MEMORY = 64;
/** The mood is known well enough for the first picture that it chooses: half of the smoothing's window, agreeing. */
const CONFIDENT = 0.5;
/** How far `back` goes. */
const LONGEST_PAST = 100;

/**
 * What is on show after an event: a pure function, so that the same events give the same show, whether they come live
 * or out of a file.
 *
 * A picture stays for the minimum dwell, and then for as long as it fits: until its fit falls below the sensitivity and
 * another one that may come fits better, or the maximum dwell is near. A change that is due waits a while for an onset to
 * cut on and fades when none comes. The first picture of a show, which no music has chosen, has no minimum dwell once the
 * mood is known. Silence shows the calmest pictures, slowly. The operator's hand goes before all of
 * that, and only the flash limiter before the operator. A picture that may not be shown any more goes at once, and one that can't
 * be read as soon as there is another.
 */
export function advance(state: ProgramState, event: ProgramEvent): ProgramStep {
  const turn = new Turn(state, Math.max(state.atSeconds, event.atSeconds));
  turn.take(event);
  turn.settle(event.kind === 'level' && event.onset);
  return { event, state: turn.state, effects: turn.effects };
}

/** One step: the state as it becomes. */
class Turn {
  state: ProgramState;
  readonly effects: ProgramEffect[] = [];
  readonly #at: number;

  constructor(state: ProgramState, atSeconds: number) {
    this.#at = atSeconds;
    this.state = { ...state, atSeconds };
  }

  take(event: ProgramEvent): void {
    switch (event.kind) {
      case 'tick':
        this.#setGate(onTime(this.state.gate, this.#at, this.state.settings));
        break;
      case 'level':
        this.#setGate(onLevel(this.state.gate, event.rms, this.#at, this.state.settings));
        break;
      case 'match':
        this.#set({ match: { ...event.match, atSeconds: this.#at } });
        break;
      case 'catalogue':
        // One that could not be read may have been mended: those that were not are found out again.
        this.#set({ catalogue: event.catalogue, broken: new Set() });
        this.#refreshAllowed();
        break;
      case 'broken':
        this.#set({ broken: new Set([...this.state.broken, event.image]) });
        this.#refreshAllowed();
        break;
      case 'mended':
        this.#set({ broken: new Set([...this.state.broken].filter((id) => id !== event.image)) });
        this.#refreshAllowed();
        break;
      case 'reach':
        this.#set({ reachable: event.reachable });
        break;
      case 'control':
        this.#control(event.control);
    }
  }

  settle(onset: boolean): void {
    for (let screen = 0; screen < this.state.screens.length; screen++) {
      if (!this.#replace(screen) && !this.#obey(screen) && !this.#isFrozen(screen))
        this.#follow(screen, onset);
    }
  }

  /** Takes a picture away that may not stay. @returns whether there was one, or is none at all. */
  #replace(screen: number): boolean {
    const { image } = this.state.screens[screen]!;
    const elsewhere = this.state.screens.slice(0, screen).map((other) => other.image);
    const mustGo = image === null || !mayStay(this.state, image);
    const isBroken = !mustGo && this.state.broken.has(image);
    const isMisplaced = !mustGo && !this.#isFrozen(screen) && !isAllowed(this.state, image);
    const isDouble = elsewhere.includes(image);
    if (!mustGo && !isBroken && !isMisplaced && !isDouble) return false;
    const chosen = chooseAny(this.state, screen);
    if (chosen === undefined && !mustGo) return false;
    // One that is on another screen as well is better than none, but nothing to change to.
    if (isDouble && !mustGo && !isBroken && elsewhere.includes(chosen!)) return false;
    if (chosen === undefined && image === null) return true;
    const { crossfadeSeconds } = this.state.settings;
    this.#show(screen, chosen ?? null, crossfadeSeconds, image === null ? 'opening' : 'replacement');
    return true;
  }

  /** Does what the operator wants on the main screen. @returns whether there was anything. */
  #obey(screen: number): boolean {
    if (screen > 0) return false;
    const { pin, postponed } = this.state;
    const { image } = this.state.screens[0]!;
    const wanted = pin !== null && image !== pin ? { image: pin, goesBack: false } : postponed;
    if (wanted === null) return false;
    // A pin may be of any bank; what was to come next or back must still be one of those that are shown.
    const mayCome = wanted === postponed ? isAllowed : isShowable;
    if (!mayCome(this.state, wanted.image) || wanted.image === image) {
      this.#set({ postponed: null });
      return false;
    }
    if (!this.#mayChange(0) || !this.state.reachable) return true;
    this.#set({ postponed: null });
    if (wanted.goesBack) {
      this.#set({ past: this.state.past.slice(0, this.state.past.lastIndexOf(wanted.image)) });
    }
    this.#show(0, wanted.image, this.state.settings.crossfadeSeconds, 'operator', !wanted.goesBack);
    return true;
  }

  #isFrozen(screen: number): boolean {
    const { hold, blackout, pin, reachable } = this.state;
    return hold || blackout.on || !reachable || (screen === 0 && pin !== null);
  }

  /** Lets the music, or silence, choose. */
  #follow(screen: number, onset: boolean): void {
    if (this.state.gate.open) this.#followMusic(screen, onset);
    else this.#followSilence(screen);
  }

  #followSilence(screen: number): void {
    const { settings, screens } = this.state;
    const { sinceSeconds, reason, dueSinceSeconds } = screens[screen]!;
    if (dueSinceSeconds !== null) this.#setScreen(screen, { dueSinceSeconds: null });
    const ofMusic = reason === 'fit' || reason === 'dwell';
    const stays = ofMusic ? settings.minimumDwellSeconds : settings.idleDwellSeconds;
    if (this.#at - sinceSeconds < stays || !this.#mayChange(screen)) return;
    const next = choose(this.state, screen);
    if (next !== undefined) this.#show(screen, next, settings.idleCrossfadeSeconds, 'idle');
  }

  #followMusic(screen: number, onset: boolean): void {
    const { settings, screens } = this.state;
    const { sinceSeconds, reason, dueSinceSeconds } = screens[screen]!;
    const dwellSeconds = this.#at - sinceSeconds;
    const { maximumDwellSeconds, onsetWindowSeconds, crossfadeSeconds } = settings;
    const minimumSeconds = this.#owesDwell(reason) ? settings.minimumDwellSeconds : 0;
    const isLong = dwellSeconds >= maximumDwellSeconds - onsetWindowSeconds;
    const next = dwellSeconds < minimumSeconds ? undefined : this.#due(screen, isLong);
    if (next === undefined) {
      if (dueSinceSeconds !== null) this.#setScreen(screen, { dueSinceSeconds: null });
      return;
    }
    const dueSince = dueSinceSeconds ?? this.#at;
    const isLate = this.#at - dueSince >= onsetWindowSeconds || dwellSeconds >= maximumDwellSeconds;
    if ((onset || isLate) && this.#mayChange(screen)) {
      this.#show(screen, next, onset ? 0 : crossfadeSeconds, isLong ? 'dwell' : 'fit');
    } else if (dueSinceSeconds === null) this.#setScreen(screen, { dueSinceSeconds: dueSince });
  }

  /** Whether a picture may stay for the minimum dwell, however badly it fits: not one of silence, nor the first of a show. */
  #owesDwell(reason: Reason): boolean {
    if (reason === 'idle') return false;
    const { match } = this.state;
    const isFirst = reason === 'opening' || reason === 'restored';
    return !isFirst || match === null || match.mood.confidence < CONFIDENT;
  }

  /** The picture that should take the place of the one on a screen; undefined while that should stay. */
  #due(screen: number, isLong: boolean): string | undefined {
    const { match, gate, settings, screens } = this.state;
    if (isLong) return choose(this.state, screen);
    // What was heard before the silence says nothing of the music after it.
    if (match === null || match.atSeconds < gate.sinceSeconds) return undefined;
    const { image } = screens[screen]!;
    const fitOf = (id: string | null | undefined) =>
      match.candidates.find((candidate) => candidate.id === id)?.fit ??
      match.shown.find((candidate) => candidate.id === id)?.fit;
    const fit = fitOf(image);
    if (fit === undefined || fit >= settings.sensitivity) return undefined;
    const next = choose(this.state, screen);
    return (fitOf(next) ?? -Infinity) > fit ? next : undefined;
  }

  #control(control: Control): void {
    switch (control.control) {
      case 'hold':
        this.#set({ hold: control.on });
        break;
      case 'blackout':
        this.#blackout(control.on, control.fadeSeconds ?? this.state.settings.blackoutFadeSeconds);
        break;
      case 'next':
        this.#next(control);
        break;
      case 'back':
        this.#back(control);
        break;
      case 'pin':
        this.#pin(control);
        break;
      case 'ban':
        this.#ban(control);
        break;
      case 'bank':
        this.#bank(control);
        break;
      case 'sensitivity':
        this.#setSettings({ sensitivity: control.value });
        break;
      case 'dwell': {
        const { minimumSeconds, maximumSeconds } = control;
        this.#setSettings({ minimumDwellSeconds: minimumSeconds, maximumDwellSeconds: maximumSeconds });
        break;
      }
      case 'crossfade':
        this.#setSettings({ crossfadeSeconds: control.seconds });
        break;
      case 'smoothing':
        this.#setSettings({ smoothingSeconds: control.seconds });
        break;
      case 'gate':
        this.#setSettings(gateAt(control.decibels));
        break;
      case 'mood-offset':
        this.#setSettings({ moodOffset: { valence: control.valence, arousal: control.arousal } });
        break;
      case 'fit':
        this.#setSettings({ fit: control.value });
        break;
      case 'source':
      case 'model':
      case 'mood':
      case 'mood-undo':
      case 'mood-redo':
        // The way to the program changes, or the gallery, not the program.
        break;
    }
  }

  #blackout(on: boolean, wantedFadeSeconds: number): void {
    const { blackout, changes, screens } = this.state;
    if (blackout.on === on) return;
    const soft = !this.#mayChange(0);
    const fadeSeconds = soft ? Math.max(SOFT_SECONDS, wantedFadeSeconds) : wantedFadeSeconds;
    this.#set({
      blackout: { on, sinceSeconds: this.#at, fadeSeconds },
      changes: soft ? changes : withChange(changes, this.#at),
      // Nobody has seen the picture while it was black: its time begins again.
      screens: on
        ? screens
        : screens.map((screen) => ({ ...screen, sinceSeconds: this.#at, crossfadeSeconds: fadeSeconds })),
    });
    this.effects.push({ kind: 'blackout', atSeconds: this.#at, on, fadeSeconds });
  }

  #next(control: Control): void {
    const { postponed } = this.state;
    const image = chooseAny(this.state, 0, postponed === null ? [] : [postponed.image]);
    if (image === undefined) this.#refuse(control, 'there is no other picture that may be shown');
    else this.#set({ postponed: { image, goesBack: false }, pin: null });
  }

  #back(control: Control): void {
    const { postponed, past, screens } = this.state;
    const from = postponed?.goesBack === true ? past.lastIndexOf(postponed.image) : past.length;
    const image = past.slice(0, from).findLast((id) => id !== screens[0]!.image && isAllowed(this.state, id));
    if (image === undefined) this.#refuse(control, 'there is no picture before this one that may be shown');
    else this.#set({ postponed: { image, goesBack: true }, pin: null });
  }

  #pin(control: Extract<Control, { control: 'pin' }>): void {
    const { image } = control;
    if (image === null || isShowable(this.state, image)) this.#set({ pin: image, postponed: null });
    else this.#refuse(control, `the picture ${image} ${this.#whyNot(image)}`);
  }

  #ban(control: Extract<Control, { control: 'ban' }>): void {
    const image = control.image ?? this.state.screens[0]!.image;
    if (image === null) {
      this.#refuse(control, 'there is no picture on show');
      return;
    }
    if (control.on && !this.state.catalogue.indexOf.has(image)) {
      this.#refuse(control, `the picture ${image} ${this.#whyNot(image)}`);
      return;
    }
    const bans = new Set(this.state.bans);
    if (control.on) bans.add(image);
    else bans.delete(image);
    this.#set({ bans });
    this.#refreshAllowed();
  }

  #bank(control: Extract<Control, { control: 'bank' }>): void {
    const { bank } = control;
    const settings = { ...this.state.settings, bank };
    if (bank !== null && allowedOf({ ...this.state, settings }).bankInForce !== bank) {
      const { banks } = this.state.catalogue;
      const why = banks.includes(bank)
        ? 'holds no picture that may be shown'
        : banks.length === 0
          ? 'does not exist: the gallery has no banks'
          : `does not exist: the gallery has ${banks.join(', ')}`;
      this.#refuse(control, `the bank ${bank} ${why}`);
      return;
    }
    this.#set({ settings });
    this.#refreshAllowed();
  }

  #whyNot(image: string): string {
    if (!this.state.catalogue.indexOf.has(image)) return 'is not in the gallery';
    if (this.state.bans.has(image)) return 'is banned';
    if (this.state.broken.has(image)) return 'can no longer be read';
    return 'is marked as unsafe';
  }

  #refuse(control: Control, message: string): void {
    this.effects.push({ kind: 'refused', atSeconds: this.#at, control, message });
  }

  #refreshAllowed(): void {
    this.#set(allowedOf(this.state));
    if (this.state.pin !== null && !isShowable(this.state, this.state.pin)) this.#set({ pin: null });
  }

  #setGate(gate: ProgramState['gate']): void {
    if (gate.open !== this.state.gate.open) {
      this.effects.push({ kind: 'idle', atSeconds: this.#at, on: !gate.open });
    }
    this.#set({ gate });
  }

  /** Whether the flash limiter lets a screen change now: others than the main one always, if slowly. */
  #mayChange(screen: number): boolean {
    return screen > 0 || this.#mayCut(0);
  }

  /** Whether a change of a screen may be a hard one now. */
  #mayCut(screen: number): boolean {
    const { settings, changes, screens } = this.state;
    if (!settings.flashLimiter) return true;
    const hasMainChanged = changes.at(-1) === this.#at;
    if (screen > 0) return hasMainChanged;
    const hasJustChanged = screens[0]!.sinceSeconds === this.#at && hasMainChanged;
    return !hasJustChanged && mayChange(changes, this.#at);
  }

  #show(
    index: number,
    image: string | null,
    wantedCrossfadeSeconds: number,
    reason: Reason,
    remembersPast = true,
  ): void {
    const isSoft = !this.#mayCut(index);
    const crossfadeSeconds = isSoft ? Math.max(SOFT_SECONDS, wantedCrossfadeSeconds) : wantedCrossfadeSeconds;
    const before = this.state.screens[index]!.image;
    const memory = Math.max(LEAST_MEMORY, this.state.settings.noRepeat);
    const { recent } = this.state.screens[index]!;
    this.#setScreen(index, {
      image,
      sinceSeconds: this.#at,
      crossfadeSeconds,
      reason,
      recent: before === null ? recent : [...recent.filter((id) => id !== before), before].slice(-memory),
      dueSinceSeconds: null,
    });
    if (index === 0 && before !== null && remembersPast) {
      this.#set({ past: [...this.state.past, before].slice(-LONGEST_PAST) });
    }
    if (index === 0 && !isSoft) this.#set({ changes: withChange(this.state.changes, this.#at) });
    this.effects.push({
      kind: 'show',
      atSeconds: this.#at,
      screen: index,
      image,
      crossfadeSeconds,
      reason,
    });
  }

  #setScreen(index: number, change: Partial<Screen>): void {
    this.#set({
      screens: this.state.screens.map((screen, at) => (at === index ? { ...screen, ...change } : screen)),
    });
  }

  #setSettings(change: Partial<ProgramState['settings']>): void {
    this.#set({ settings: { ...this.state.settings, ...change } });
  }

  #set(change: Partial<ProgramState>): void {
    this.state = { ...this.state, ...change };
  }
}
