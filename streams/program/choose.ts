import { isAllowed, type ProgramState } from './state.ts';

/** How many of the newest pictures on a screen count when near copies are avoided. */
const KIN_MEMORY = 6;

/**
 * None of this many pictures comes again on a screen. Where there are few, it is half of them, so that the mood still
 * has a choice.
 */
export function noRepeatWithin({ settings, allowed }: Pick<ProgramState, 'settings' | 'allowed'>): number {
  return Math.min(settings.noRepeat, Math.floor(allowed.length / 2));
}

/** What the choice for a screen must look at. */
interface Restrictions {
  /** On this screen now, or wanted there already. */
  readonly current: readonly string[];
  /** On the screens before it. */
  readonly elsewhere: readonly string[];
  readonly recent: ReadonlySet<string>;
  readonly duplicateGroup: ReadonlySet<string>;
}

/**
 * The picture that comes next on a screen, best first by the music or, in silence, the calmest: one that none of the
 * restrictions forbids, else one that is merely a near copy. Undefined where there is none, though a repeat may be
 * possible: see `chooseAny`.
 *
 * @param besides pictures that are not wanted either.
 */
export function choose(
  state: ProgramState,
  screen: number,
  besides: readonly string[] = [],
): string | undefined {
  const restrictions = restrictionsOf(state, screen, besides);
  for (const kinToo of [false, true]) {
    const isEligible = (id: string) =>
      !restrictions.current.includes(id) &&
      !restrictions.elsewhere.includes(id) &&
      !restrictions.recent.has(id) &&
      (kinToo || !restrictions.duplicateGroup.has(kinOf(state, id)));
    const chosen = firstOf(state, isEligible);
    if (chosen !== undefined) return chosen;
  }
  return undefined;
}

/**
 * As `choose`, and where that finds none the picture that was shown longest ago, and only when there is no other at all
 * one that is on another screen. Undefined when the screen's own picture is the only one.
 */
export function chooseAny(
  state: ProgramState,
  screen: number,
  besides: readonly string[] = [],
): string | undefined {
  const chosen = choose(state, screen, besides);
  if (chosen !== undefined) return chosen;
  const { current, elsewhere } = restrictionsOf(state, screen, besides);
  const { recent } = state.screens[screen]!;
  const oldest = (id: string) => !current.includes(id) && !elsewhere.includes(id) && isAllowed(state, id);
  const repeated = recent.find(oldest);
  if (repeated !== undefined) return repeated;
  const isOther = (id: string) => !current.includes(id);
  return (
    firstOf(state, (id) => isOther(id) && !elsewhere.includes(id)) ??
    recent.find((id) => isOther(id) && isAllowed(state, id)) ??
    firstOf(state, isOther)
  );
}

/** The next pictures on the main screen, should the music stay as it is. */
export function upcoming(state: ProgramState, count: number): string[] {
  const next: string[] = state.postponed === null ? [] : [state.postponed.image];
  while (next.length < count) {
    const chosen = choose(state, 0, next);
    if (chosen === undefined) break;
    next.push(chosen);
  }
  return next;
}

/** The first allowed picture that is eligible: of the match while music plays, else by its mood. */
function firstOf(state: ProgramState, isEligible: (id: string) => boolean): string | undefined {
  if (state.gate.open && state.match !== null) {
    const found = state.match.candidates.find(({ id }) => isEligible(id) && isAllowed(state, id));
    if (found !== undefined) return found.id;
  }
  return nearest(state, isEligible);
}

/** In silence, pictures are chosen for this mood: as calm as can be, and neither glad nor sad. */
const CALM = { valence: 0.6, arousal: 0 };

/** The eligible picture nearest to the mood of the music, or of silence, in the plane. */
function nearest(state: ProgramState, isEligible: (id: string) => boolean): string | undefined {
  const mood = state.gate.open && state.match !== null ? state.match.mood : CALM;
  let best: string | undefined;
  let least = Infinity;
  for (const row of state.allowed) {
    const { id, valence, arousal } = state.catalogue.pictures[row]!;
    const distance = (valence - mood.valence) ** 2 + (arousal - mood.arousal) ** 2;
    if (distance >= least || !isEligible(id)) continue;
    best = id;
    least = distance;
  }
  return best;
}

function restrictionsOf(state: ProgramState, screen: number, besides: readonly string[]): Restrictions {
  const { image, recent } = state.screens[screen]!;
  const current = image === null ? besides : [image, ...besides];
  const elsewhere = state.screens.slice(0, screen).flatMap((other) => other.image ?? []);
  const within = noRepeatWithin(state);
  // The last N with the present one among them.
  const newest = within <= 1 ? [] : recent.slice(-(within - 1));
  const kinRecent = recent.slice(-Math.min(KIN_MEMORY, Math.max(0, within - 1)));
  return {
    current,
    elsewhere,
    recent: new Set(newest),
    duplicateGroup: new Set(
      [...current, ...elsewhere, ...(kinRecent.length === 0 ? [] : kinRecent)].map((id) => kinOf(state, id)),
    ),
  };
}

/** What is the same for near copies, and for no two others. */
function kinOf({ catalogue }: ProgramState, id: string): string {
  const duplicateGroup = catalogue.pictures[catalogue.indexOf.get(id) ?? -1]?.duplicateGroup;
  return duplicateGroup === undefined ? `picture ${id}` : `kin ${duplicateGroup}`;
}
