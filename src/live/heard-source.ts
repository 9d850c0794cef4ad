import { SynestheteError } from '../../models/errors.ts';
import type { Source, SourceEvent } from '../../streams/sources/index.ts';
import type { LiveStatus } from '../show/index.ts';
import type { LiveShowOptions } from './start.ts';

type SourceStatus = LiveStatus['source'];

/** How the source of a show is, and which of its channels are heard. */
export class HeardSource {
  readonly #warn: LiveShowOptions['warn'];
  #source: Source;
  #status: Omit<SourceStatus, 'channels' | 'chosenChannels'>;
  #channels: SourceStatus['channels'] = [];

  constructor(source: Source, warn: LiveShowOptions['warn']) {
    this.#warn = warn;
    this.#source = source;
    this.#status = opening(source);
  }

  /** Another source is heard from now on. */
  change(source: Source): void {
    this.#source = source;
    this.#status = opening(source);
    this.#channels = [];
  }

  /** Takes in what came of the source. Warns when it is lost, when another device is heard, and of what is wrong with the sound. */
  take(event: SourceEvent): void {
    if (event.kind === 'block') this.#channels = event.channels ?? [];
    if (event.kind !== 'status') return;
    const { state, message, remedy } = event;
    const before = this.#status;
    const device = event.device ?? before.device;
    // It is no trouble that no browser feeds sound yet.
    const isLost = isAway(state) && !isAway(before.state) && before.kind !== 'feed';
    const isAnother = before.device !== undefined && device?.name !== before.device.name && !isAway(state);
    if (isLost || isAnother || state === 'damaged') this.#warn(message, remedy);
    const name = device?.description ?? before.name;
    this.#status = { ...before, name, device, state, message, remedy };
    if (isAway(state) || state === 'ended') this.#channels = [];
  }

  /**
   * @param channels numbers from 1 on; null for all
   * @returns what is chosen now
   * @throws SynestheteError USAGE where there are no channels to choose from, or not these
   */
  chooseChannels(channels: readonly number[] | null): readonly number[] | null {
    const { choice, kind, name } = this.#source;
    const count = this.#channels.length;
    if (choice === undefined) {
      throw new SynestheteError('USAGE', `${name} has no channels to choose from: all of its sound is heard`);
    }
    // A device may be opened again for more of its channels.
    const missing =
      kind === 'device' || count === 0 ? undefined : channels?.find((channel) => channel > count);
    if (missing !== undefined) {
      throw new SynestheteError('USAGE', `${name} has no channel ${missing}: choose from 1 to ${count}`);
    }
    const chosen = channels === null ? null : [...new Set(channels)].sort((a, b) => a - b);
    choice.choose(chosen ?? undefined);
    return chosen;
  }

  status(): SourceStatus {
    const { choice } = this.#source;
    return {
      ...this.#status,
      channels: this.#channels,
      ...(choice !== undefined && { chosenChannels: choice.channels ?? null }),
    };
  }
}

function isAway(state: SourceStatus['state']): boolean {
  return state === 'lost' || state === 'retrying';
}

function opening({ name, kind }: Source): Omit<SourceStatus, 'channels' | 'chosenChannels'> {
  return { name, kind, state: 'opening', message: `opening ${name}` };
}
