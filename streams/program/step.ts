import type { Control } from './control.ts';
import { mayChange, SOFT_SECONDS, withChange } from './flash-limiter.ts';
import {
  allowedOf,
  isShowable,
  type ProgramEffect,
  type ProgramState,
  type Reason,
  type Screen,
} from './state.ts';

/** Pictures remembered of each screen, at least. */
const LEAST_MEMORY = 64;
/** How far `back` goes. */
const LONGEST_PAST = 100;

/** What one event changes: the state as it becomes, and what displays and people learn of it. */
export class Step {
  state: ProgramState;
  readonly effects: ProgramEffect[] = [];
  readonly atSeconds: number;

  constructor(state: ProgramState, atSeconds: number) {
    this.atSeconds = atSeconds;
    this.state = { ...state, atSeconds };
  }

  setGate(gate: ProgramState['gate']): void {
    if (gate.open !== this.state.gate.open) {
      this.effects.push({ kind: 'idle', atSeconds: this.atSeconds, on: !gate.open });
    }
    this.set({ gate });
  }

  /** Whether the flash limiter lets a screen change now: others than the main one always, if slowly. */
  mayChange(screen: number): boolean {
    return screen > 0 || this.mayCut(0);
  }

  /** Whether a change of a screen may be a hard one now. */
  mayCut(screen: number): boolean {
    const { settings, changes, screens } = this.state;
    if (!settings.flashLimiter) return true;
    const hasMainChanged = changes.at(-1) === this.atSeconds;
    if (screen > 0) return hasMainChanged;
    const hasJustChanged = screens[0]!.sinceSeconds === this.atSeconds && hasMainChanged;
    return !hasJustChanged && mayChange(changes, this.atSeconds);
  }

  show(
    index: number,
    image: string | null,
    wantedCrossfadeSeconds: number,
    reason: Reason,
    remembersPast = true,
  ): void {
    const isSoft = !this.mayCut(index);
    const crossfadeSeconds = isSoft ? Math.max(SOFT_SECONDS, wantedCrossfadeSeconds) : wantedCrossfadeSeconds;
    const before = this.state.screens[index]!.image;
    const memory = Math.max(LEAST_MEMORY, this.state.settings.noRepeat);
    const { recent } = this.state.screens[index]!;
    this.setScreen(index, {
      image,
      sinceSeconds: this.atSeconds,
      crossfadeSeconds,
      reason,
      recent: before === null ? recent : [...recent.filter((id) => id !== before), before].slice(-memory),
      dueSinceSeconds: null,
    });
    if (index === 0 && before !== null && remembersPast) {
      this.set({ past: [...this.state.past, before].slice(-LONGEST_PAST) });
    }
    if (index === 0 && !isSoft) this.set({ changes: withChange(this.state.changes, this.atSeconds) });
    this.effects.push({
      kind: 'show',
      atSeconds: this.atSeconds,
      screen: index,
      image,
      crossfadeSeconds,
      reason,
    });
  }

  setScreen(index: number, change: Partial<Screen>): void {
    this.set({
      screens: this.state.screens.map((screen, at) => (at === index ? { ...screen, ...change } : screen)),
    });
  }

  setSettings(change: Partial<ProgramState['settings']>): void {
    this.set({ settings: { ...this.state.settings, ...change } });
  }

  set(change: Partial<ProgramState>): void {
    this.state = { ...this.state, ...change };
  }

  refreshAllowed(): void {
    this.set(allowedOf(this.state));
    if (this.state.pin !== null && !isShowable(this.state, this.state.pin)) this.set({ pin: null });
  }

  refuse(control: Control, message: string): void {
    this.effects.push({ kind: 'refused', atSeconds: this.atSeconds, control, message });
  }

  isFrozen(screen: number): boolean {
    const { hold, blackout, pin, reachable } = this.state;
    return hold || blackout.on || !reachable || (screen === 0 && pin !== null);
  }
}
