import { Observable, type OperatorFunction } from 'rxjs';
import type { AnalysedClip } from '../../streams/matching/index.ts';
import {
  showStateOf,
  upcoming,
  type Candidate,
  type DisplayFits,
  type ProgramEvent,
  type ProgramState,
  type ProgramStep,
} from '../../streams/program/index.ts';

/** An event of a show; a match carries its clip. */
export type ShowEvent =
  | (Extract<ProgramEvent, { kind: 'match' }> & { readonly clip: AnalysedClip })
  | Exclude<ProgramEvent, { kind: 'match' }>;

/** A step of a show's program. */
export type ShowStep = ProgramStep<ShowEvent>;

/** What a display learns of a screen. */
interface ScreenState {
  readonly image: { readonly id: string } | null;
  /** When it came, on the scale of `time`. */
  readonly since: number;
  /** How long the change to it takes; 0 is a cut. */
  readonly crossfade: number;
}

/**
 * The whole state of a show at a moment. The first six fields are the push protocol's; all times are in seconds of the
 * show.
 */
export interface LiveState {
  readonly time: number;
  readonly mood: { readonly valence: number; readonly arousal: number; readonly confidence: number };
  /** The newest sound; `onset`: a note or beat began since the state before. */
  readonly level: { readonly rms: number; readonly onset: boolean };
  readonly show: ScreenState & { readonly state: 'live' | 'hold' | 'blackout' | 'idle' };
  readonly candidates: readonly Candidate[];
  /** How displays fill their screens, by their names. */
  readonly fits: DisplayFits;
  /** In ms, since the arrival of the clip's last sample; the total ends where this state was made. */
  readonly latency: { readonly analysis: number; readonly total: number };
  /** The pictures of the next changes, should the music stay as it is. */
  readonly upcoming: readonly string[];
  /** All screens, the main one first. */
  readonly screens: readonly ScreenState[];
  /** What brought this state about. */
  readonly cause: 'show' | 'mood' | 'control' | 'level';
}

/** Time between two states in which only the level is new. */
const LEVEL_SECONDS = 0.1;
/** Candidates in a state; the protocol allows more. */
export const STATE_CANDIDATES = 16;
/** Pictures that come next: in a state as many as fit a line of the terminal, in the status as many as the console shows. */
export const UPCOMING = { inState: 3, inStatus: 5 };
/** Before any music: the middle of the plane, without confidence. */
const UNKNOWN_MOOD = { valence: 0.5, arousal: 0.5, confidence: 0 };

/**
 * The states that displays get: whenever what is on show changes, a mood is measured or the operator does something,
 * and ten times a second for the level.
 */
export function liveStates(nowMs: () => number): OperatorFunction<ShowStep, LiveState> {
  return (steps) =>
    new Observable((subscriber) => {
      let rms = 0;
      let onset = false;
      let latency = { analysis: 0, total: 0 };
      let lastClip: AnalysedClip | undefined;
      let sentAtSeconds = -Infinity;
      return steps.subscribe({
        next: ({ event, state, effects }) => {
          if (event?.kind === 'level') {
            rms = event.rms;
            onset ||= event.onset;
          }
          const clip = event?.kind === 'match' ? event.clip : undefined;
          // A clip that is matched again, because the operator changed something, says nothing about the latency.
          if (clip !== undefined && clip !== lastClip) {
            lastClip = clip;
            const total = nowMs() - clip.arrivedAtMs;
            latency = { analysis: Math.min(clip.elapsedMs, total), total };
          }
          const isShow = effects.some(({ kind }) => kind !== 'refused');
          const cause = isShow
            ? 'show'
            : event?.kind === 'match'
              ? 'mood'
              : event?.kind === 'control'
                ? 'control'
                : 'level';
          if (cause === 'level' && state.atSeconds - sentAtSeconds < LEVEL_SECONDS) return;
          sentAtSeconds = state.atSeconds;
          subscriber.next({ ...showOf(state), level: { rms, onset }, latency, cause });
          onset = false;
        },
        error: (error: unknown) => {
          subscriber.error(error);
        },
        complete: () => {
          subscriber.complete();
        },
      });
    });
}

function showOf(state: ProgramState): Omit<LiveState, 'level' | 'latency' | 'cause'> {
  const screens = state.screens.map(({ image, sinceSeconds, crossfadeSeconds }): ScreenState => ({
    image: image === null ? null : { id: image },
    since: sinceSeconds,
    crossfade: crossfadeSeconds,
  }));
  const { blackout } = state;
  const main = screens[0]!;
  return {
    time: state.atSeconds,
    mood: state.match?.mood ?? UNKNOWN_MOOD,
    show: {
      ...main,
      state: showStateOf(state),
      ...(blackout.on && { since: blackout.sinceSeconds, crossfade: blackout.fadeSeconds }),
    },
    candidates: state.match?.candidates.slice(0, STATE_CANDIDATES) ?? [],
    upcoming: upcoming(state, UPCOMING.inState),
    fits: state.settings.displayFits,
    screens,
  };
}
