import type { Status } from './status.ts';

export interface Firsts {
  readonly label: string;
  readonly meaning: string;
}

const MEANING =
  'How many of the pictures that may be shown fitted some clip of this show best, and which one did most often.';

/**
 * Says in one line which pictures ranked first how often; empty before any music, and for a replay.
 *
 * @param nameOf gives the name of a picture; undefined for one that is no longer in the gallery
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
