import type { ProgramState } from '../../streams/program/index.ts';

/** Says in one line why no picture at all may be shown, and what to do; undefined while one may. */
export function nothingToShow({
  allowed,
  catalogue: { pictures },
  bans,
  broken,
  settings: { allowUnsafe },
}: Pick<ProgramState, 'allowed' | 'catalogue' | 'bans' | 'broken' | 'settings'>): string | undefined {
  if (allowed.length > 0) return undefined;
  const none = 'the gallery holds no picture that may be shown';
  if (pictures.length === 0) {
    return `${none}: put some into its folder and index it ("synesthete index"); they are taken up as the show runs`;
  }
  const seen = pictures.filter(({ hidden }) => hidden !== true);
  const safe = allowUnsafe ? seen : seen.filter(({ unsafe }) => !unsafe);
  const remedies: (readonly [count: number, what: string, remedy: string])[] = [
    [
      pictures.length - seen.length,
      'hidden by hand',
      'the console or "synesthete index --unhide" takes that back',
    ],
    [
      seen.length - safe.length,
      'marked as unsafe',
      'the console allows single ones, --unsafe-threshold raises the bar, --allow-unsafe shows all',
    ],
    [safe.filter(({ id }) => bans.has(id)).length, 'banned', 'A in the console allows the last one again'],
    [
      safe.filter(({ id }) => broken.has(id) && !bans.has(id)).length,
      'no longer readable',
      'index the gallery again',
    ],
  ];
  const reasons = remedies
    .filter(([count]) => count > 0)
    .map(([count, what, remedy]) => `${count} of ${pictures.length} are ${what} (${remedy})`);
  return `${none}: ${reasons.join(', ')}`;
}
