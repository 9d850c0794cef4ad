import { SynestheteError } from '../../../models/errors.ts';
import type { Device } from './device.ts';
import { WantedDevice } from './wanted.ts';

/** A device, and its place in the order of preference: 0 is the one that was asked for, others are fallbacks. */
export interface Choice {
  readonly rank: number;
  readonly device: Device;
}

/** The device that was asked for, and those that are heard while it is away, in their order. */
export class PreferredDevices {
  readonly #wanted: readonly WantedDevice[];
  /** Ranks that were opened in vain since they last delivered. */
  readonly #failing = new Set<number>();

  /** @param names the first is the one that is asked for. */
  constructor(names: readonly string[]) {
    this.#wanted = names.map((name, rank) => new WantedDevice(name, rank > 0));
  }

  get hasFallbacks(): boolean {
    return this.#wanted.length > 1;
  }

  /** The one that was asked for. */
  get first(): WantedDevice {
    return this.#wanted[0]!;
  }

  of({ rank }: Choice): WantedDevice {
    return this.#wanted[rank]!;
  }

  /** @throws SynestheteError DEVICE_NOT_FOUND, as of the first, where none is there. */
  begin(devices: readonly Device[]): Choice {
    const [choice] = this.present(devices);
    return choice ?? { rank: 0, device: this.first.find(devices) };
  }

  /** Those among the first `count` that are there, each device once, the best first. */
  present(devices: readonly Device[], count = this.#wanted.length): readonly Choice[] {
    const choices: Choice[] = [];
    for (const [rank, wanted] of this.#wanted.slice(0, count).entries()) {
      try {
        const device = wanted.find(devices);
        if (choices.every((better) => better.device.id !== device.id)) choices.push({ rank, device });
      } catch (error) {
        if (!(error instanceof SynestheteError)) throw error;
      }
    }
    return choices;
  }

  /** The best of the first `count` that is worth another try. One that fails is tried again when all others fail too. */
  next(devices: readonly Device[], count: number): Choice | undefined {
    const present = this.present(devices, count);
    const untried = present.find(({ rank }) => !this.#failing.has(rank));
    if (untried === undefined) this.#failing.clear();
    return untried ?? present[0];
  }

  delivered({ rank }: Choice): void {
    this.#failing.delete(rank);
  }

  failed({ rank }: Choice): void {
    this.#failing.add(rank);
  }
}
