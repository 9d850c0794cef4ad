/** WCAG 2.3.1: nothing flashes more than three times in any one second. */
const MOST_CHANGES = 3;
const WINDOW_SECONDS = 1;

/** A change that can't wait and comes as the fourth fades at least so long: it swings by less than a tenth in 0.1 s. */
export const SOFT_SECONDS = 2;

/*
 * A flash is a pair of opposing changes of luminance, by a tenth or more. What is on two pictures is not known, so
 * every change counts, cut or fade, as if it were one: at most three begin in any second. What can wait waits until the
 * first of the three is a second old; what can't (a picture that must go, a blackout) fades slowly, and then doesn't
 * count. The three are the main screen's: others change in the same moment, which is one change, or fade slowly, so
 * that however many there are, the main screen does what it would do alone.
 */

/** Whether a change may begin now. @param changes moments of earlier changes, ascending. */
export function mayChange(changes: readonly number[], atSeconds: number): boolean {
  const recent = within(changes, atSeconds);
  return recent.length < MOST_CHANGES || recent.at(-1) === atSeconds;
}

/** The moments to be remembered after a change. */
export function withChange(changes: readonly number[], atSeconds: number): readonly number[] {
  const recent = within(changes, atSeconds);
  return recent.at(-1) === atSeconds ? recent : [...recent, atSeconds];
}

function within(changes: readonly number[], atSeconds: number): readonly number[] {
  return changes.filter((change) => change >= atSeconds - WINDOW_SECONDS);
}
