import { randomUUID } from 'node:crypto';
import {
  MOST_CANDIDATES,
  PROTOCOL_VERSION,
  type Group,
  type ShowMessage,
  type ShowState,
} from '../protocol/index.ts';
import type { Picture } from '../show.ts';
import { screenOf } from './groups.ts';

/** A state as one group gets it. */
export interface Announcement {
  readonly seq: number;
  readonly message: ShowMessage;
  /** The message as JSON, made once for all displays of the group. */
  readonly text: string;
}

/** Turns the states of the show into the messages of the protocol, once for each group that has displays. */
export class Announcer {
  readonly epoch = randomUUID();
  readonly #picture: (id: string) => Picture | undefined;
  readonly #made = new Map<Group, Announcement>();
  #state: ShowState | undefined;
  #seq = -1;

  constructor(picture: (id: string) => Picture | undefined) {
    this.#picture = picture;
  }

  /** −1 before the first state. */
  get seq(): number {
    return this.#seq;
  }

  announce(state: ShowState): void {
    this.#state = state;
    this.#seq++;
    this.#made.clear();
  }

  /** The newest message; undefined before the first state. */
  newest(group: Group): Announcement | undefined {
    if (this.#state === undefined) return undefined;
    const made = this.#made.get(group);
    if (made !== undefined) return made;
    const message = this.#messageOf(this.#state, group);
    const announcement = { seq: this.#seq, message, text: JSON.stringify(message) };
    this.#made.set(group, announcement);
    return announcement;
  }

  #messageOf(state: ShowState, group: Group): ShowMessage {
    const screen = screenOf(group, state, (id) => this.#picture(id) !== undefined);
    const id = screen.image?.id;
    const picture = id === undefined ? undefined : this.#picture(id);
    return {
      v: PROTOCOL_VERSION,
      epoch: this.epoch,
      seq: this.#seq,
      time: state.time,
      mood: state.mood,
      level: state.level,
      show: {
        state: state.show.state,
        image:
          id === undefined || picture === undefined
            ? null
            : { id, url: pictureUrl(id), width: picture.width, height: picture.height },
        since: screen.since,
        crossfade: screen.crossfade,
      },
      candidates: state.candidates.slice(0, MOST_CANDIDATES).map(({ id, score }) => ({ id, score })),
      ...(state.fits !== undefined && state.fits.length > 0 && { fits: state.fits }),
      latency: state.latency,
    };
  }
}

/** Where displays load a picture from, relative to the stream: the server may stand below a path. */
function pictureUrl(id: string): string {
  return `api/pictures/${encodeURIComponent(id)}`;
}
