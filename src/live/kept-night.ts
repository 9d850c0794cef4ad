import type { Night } from '../../streams/matching/index.ts';
import type { SavedNight, SavedShow } from './saved-show.ts';

/** A show that begins this long after the last one ended is another night. */
const SAME_NIGHT_MS = 6 * 3_600_000;

/** @returns undefined where no night is kept, or the last show was in another night */
export function lastNight(saved: SavedShow | undefined, nowMs: number): SavedNight | undefined {
  const night = saved?.night;
  return night !== undefined && nowMs - night.savedAtMs < SAME_NIGHT_MS ? night : undefined;
}

/** The night to resume. */
export function resumedNight({ model, spread, seconds }: SavedNight): Night {
  return { model, spread, seconds, endSeconds: NaN };
}

/** Sound between two writings of the night, which changes with each clip: a disk must not be written that often. */
const NIGHT_EVERY_SECONDS = 30;

/** The night as it is kept: a new one only now and then. */
export class KeptNight {
  #kept: SavedNight | undefined;

  /** @param last of the run before */
  constructor(last: SavedNight | undefined) {
    this.#kept = last;
  }

  get value(): SavedNight | undefined {
    return this.#kept;
  }

  take({ model, spread, seconds }: Night, nowMs: number): void {
    if (model === undefined) return;
    const isNew = this.#kept?.model !== model || seconds - this.#kept.seconds >= NIGHT_EVERY_SECONDS;
    if (isNew) this.#kept = { model, spread, seconds, savedAtMs: nowMs };
  }
}
