import type { Status } from './status.ts';

export interface Firsts {
  readonly label: string;
  readonly meaning: string;
}

const MEANING =
  'How many of the pictures that may be shown fitted some clip of this show best, and which one did most often.';

/**
 * What was first how often, in a line; empty before any music, and of a replay.
 *
 * @param nameOf a picture; undefined of one that is not in the gallery any more
 */
export function firsts(
  { firsts: found, pictures }: Pick<Status, 'firsts' | 'pictures'>,
  nameOf: (id: string) => string | undefined,
): Firsts {
  if (found?.most === undefined || found.most === null) return { label: '', meaning: '' };
  const { id, part } = found.most;
  // Some may have been banned since.
  const of = Math.max(found.pictures, pictures.allowed);
  return {
    label: `${found.pictures} of ${of} pictures have fitted the music best so far, most often ${nameOf(id) ?? id} (${Math.round(100 * part)} % of the time)`,
    meaning: MEANING,
  };
}
