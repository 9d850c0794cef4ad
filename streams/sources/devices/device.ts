import { SynestheteError } from '../../../models/errors.ts';
import type { PcmFormat } from '../pcm.ts';

/** A thing that sound can be captured from. */
export interface Device {
  /** What the sound system calls it; stays the same when other devices come and go. */
  readonly name: string;
  /** What a person would call it. */
  readonly description: string;
  /** `input`: a microphone or line; `monitor`: what an output plays. */
  readonly kind: 'input' | 'monitor';
  /** What the system records from by default. It may be a monitor. */
  readonly isDefaultInput: boolean;
  /** What the default output plays. */
  readonly isDefaultMonitor: boolean;
  /** As the device runs now; undefined where the sound system does not say. */
  readonly rateHz: number | undefined;
  readonly channels: number | undefined;
  readonly backend: BackendName;
  /** How the capture program finds it. Good for one opening only: it may be an index, which changes. */
  readonly address: string;
  /** The sound system's own stable id. It is known again by this after a loss. */
  readonly id: string;
  /** What the hardware is and where it is plugged in; undefined where the sound system does not say. */
  readonly hardware?: string | undefined;
  /** Another one each time the device appears, and after each start of the sound system. */
  readonly appearance?: string | undefined;
  /** The output that PulseAudio and PipeWire make up while there is no other one. */
  readonly isDummy?: boolean;
}

export type BackendName = 'pulse' | 'alsa' | 'avfoundation' | 'dshow' | 'naudiodon';

/** What a line on a capture program's standard error means. */
export type Notice =
  /** It listens to the device of this name now, which may not be the one that was asked for. */
  | { readonly kind: 'listening'; readonly device: string }
  /** Sound was lost in between. */
  | { readonly kind: 'overrun'; readonly lostMs: number }
  /** Why it is about to end. */
  | { readonly kind: 'complaint'; readonly text: string };

/** How to capture from a device: a program that writes PCM to its standard output until it is ended. */
export interface Capture {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `wav`: the program writes a header that says it. */
  readonly format: PcmFormat | 'wav';
  /** @returns undefined for lines that mean nothing. */
  readonly notice: (line: string) => Notice | undefined;
}

/** What a sound system announces: a device that was not there before, or any other change of devices and defaults. */
export type DeviceChange = 'appeared' | 'changed';

/** One way to reach the sound devices of a machine. */
export interface CaptureBackend {
  readonly name: BackendName;
  /** Why it is not the one that was to be expected on this machine, for a person. */
  readonly note?: string;
  /** The devices that are there now. @throws SynestheteError when the sound system can't be asked. */
  list(): Promise<Device[]>;
  /** @param leastChannels that many of the device's channels are needed, where the backend does not give all anyway */
  capture(device: Device, leastChannels?: number): Capture | Promise<Capture>;
  /**
   * Announces changes until `signal` is aborted, also after the sound system was away. Resolves then, and never rejects.
   * Missing where the sound system announces nothing.
   */
  watch?(onChange: (change: DeviceChange) => void, signal: AbortSignal): Promise<void>;
}

/** Names that mean what the system takes by default, whatever it is called. */
const DEFAULT_INPUT = 'default';
const DEFAULT_MONITOR = 'monitor';

/**
 * The device that a person means: `default` (the default input), `monitor` (what the default output plays), the exact name,
 * the exact description, or a part of either that fits one device only, whatever its case. Never an index: indices change
 * when a cable is pulled.
 *
 * @throws SynestheteError DEVICE_NOT_FOUND, with the names that there are or that fit.
 */
export function chooseDevice(devices: readonly Device[], wanted: string): Device {
  const exact =
    devices.find((device) => device.name === wanted) ??
    only(devices.filter((device) => device.description === wanted)) ??
    systemChoice(devices, wanted);
  if (exact !== undefined) return exact;
  const part = wanted.toLowerCase();
  const fitting = devices.filter(
    ({ name, description }) =>
      part !== '' && (name.toLowerCase().includes(part) || description.toLowerCase().includes(part)),
  );
  const chosen = only(fitting);
  if (chosen !== undefined) return chosen;
  if (fitting.length > 1) {
    throw new SynestheteError(
      'DEVICE_NOT_FOUND',
      `the name "${wanted}" fits more than one device: ${namesOf(fitting)}; give more of the name`,
    );
  }
  throw new SynestheteError(
    'DEVICE_NOT_FOUND',
    devices.length === 0
      ? `there is no sound device "${wanted}", nor any other: plug one in, and see what "synesthete devices" lists`
      : `there is no sound device "${wanted}"; there is ${namesOf(devices)}`,
  );
}

/** What the system takes now for `default` or `monitor`; undefined for other names. */
export function systemChoice(devices: readonly Device[], wanted: string): Device | undefined {
  if (wanted !== DEFAULT_INPUT && wanted !== DEFAULT_MONITOR) return undefined;
  const monitor = devices.find(({ isDefaultMonitor }) => isDefaultMonitor);
  if (wanted === DEFAULT_MONITOR) return monitor;
  // Without a microphone there is still what plays.
  return devices.find(({ isDefaultInput }) => isDefaultInput) ?? monitor;
}

/** Name and description of a device, for messages. */
export function titleOf({ name, description }: Pick<Device, 'name' | 'description'>): string {
  return description === name ? name : `${name} (${description})`;
}

export function only<T>(list: readonly T[]): T | undefined {
  return list.length === 1 ? list[0] : undefined;
}

function namesOf(devices: readonly Device[]): string {
  return devices.map(titleOf).join(', ');
}
