import { SynestheteError } from '../../../models/errors.ts';
import { chooseDevice, systemChoice, titleOf, type Device } from './device.ts';
import { findKnown, knownDevice, type KnownDevice } from './identity.ts';

/**
 * The device that a name means: chosen once, and known again from then on, however the name would be understood later.
 * Only `default` and `monitor` become another device, when the system chooses another while the present one is there.
 */
export class WantedDevice {
  readonly #name: string;
  readonly #isFallback: boolean;
  #known: KnownDevice | undefined;
  /** Id of what the system chose when it was last looked at; undefined where the name is no choice of the system. */
  #systemChoice: string | undefined;

  /** @param isFallback `default` and `monitor` are chosen again each time, as what was chosen before may be what was lost */
  constructor(name: string, isFallback = false) {
    this.#name = name;
    this.#isFallback = isFallback;
  }

  /** As a person would call it, whether it is there or not. */
  get title(): string {
    return this.#known === undefined ? this.#name : titleOf(this.#known.device);
  }

  /** As it was last seen. */
  get device(): Device | undefined {
    return this.#known?.device;
  }

  /** @throws SynestheteError DEVICE_NOT_FOUND while it is not there. */
  find(devices: readonly Device[]): Device {
    const device = this.#isKnown ? findKnown(devices, this.#known!) : chooseDevice(devices, this.#name);
    if (device === undefined) {
      throw new SynestheteError(
        'DEVICE_NOT_FOUND',
        `${this.title} is not there: plug it in, or choose another`,
      );
    }
    this.#take(device, devices);
    return device;
  }

  /**
   * What the system has chosen since the last look, while the present device is still there. A choice that changed because
   * the device went is none. Takes note of a new description, and of others of its name.
   */
  newSystemChoice(devices: readonly Device[]): Device | undefined {
    const present = this.#known && findKnown(devices, this.#known);
    if (present === undefined) return undefined;
    this.#known = knownDevice(present, devices, this.#known);
    const chosen = systemChoice(devices, this.#name);
    if (this.#systemChoice === undefined || chosen === undefined) return undefined;
    const hasChanged = chosen.id !== this.#systemChoice;
    this.#systemChoice = chosen.id;
    return hasChanged && chosen !== present ? chosen : undefined;
  }

  /** The system's choice is the device from now on. */
  follow(device: Device, devices: readonly Device[]): void {
    this.#known = undefined;
    this.#take(device, devices);
  }

  /** What the sound system makes up while there is no device is not worth waiting for. */
  get #isKnown(): boolean {
    if (this.#known === undefined || this.#known.device.isDummy === true) return false;
    return !(this.#isFallback && this.#systemChoice !== undefined);
  }

  #take(device: Device, devices: readonly Device[]): void {
    this.#known = knownDevice(device, devices, this.#known);
    const chosen = systemChoice(devices, this.#name);
    // A device may really be called `default`, as with ALSA.
    const isName = device.name === this.#name || device.description === this.#name;
    this.#systemChoice = isName ? undefined : chosen?.id;
  }
}
