import { systemClock, type Clock } from './clock.ts';
import { DeviceListening } from './device-listening.ts';
import { findBackend } from './devices/backends.ts';
import { chooseDevice, type BackendName, type CaptureBackend, type Device } from './devices/device.ts';
import type { DownmixOptions } from './downmix.ts';
import { eventsOf } from './run.ts';
import type { BadSamples } from './samples.ts';
import type { Source } from './source.ts';

export interface DeviceSourceOptions extends DownmixOptions {
  /** How to reach the device; what this machine has, unless set. */
  readonly backend?: BackendName | CaptureBackend;
  /** Names of devices that are heard while the device is away, the best one first; none unless set. */
  readonly fallbacks?: readonly string[];
  /** `silence` unless set: a show goes on. */
  readonly badSamples?: BadSamples;
  readonly clock?: Clock;
}

/**
 * All devices that sound can be captured from.
 *
 * @param onNote hears why they are reached in another way than usual, such as a sound server that does not answer.
 * @throws SynestheteError PROGRAM_MISSING, DEVICE_NOT_FOUND.
 */
export async function listDevices(
  backend?: BackendName,
  onNote: (note: string) => void = () => undefined,
): Promise<Device[]> {
  const found = await findBackend(backend);
  if (found.note !== undefined) onNote(found.note);
  return found.list();
}

/**
 * Checks that `deviceSource` finds the device that `name` means, or one of its fallbacks.
 * @param onNote hears which of them are not there now.
 * @throws SynestheteError PROGRAM_MISSING, DEVICE_NOT_FOUND (which names those that exist).
 */
export async function checkDevices(
  name: string,
  { backend, fallbacks = [] }: { readonly backend?: BackendName; readonly fallbacks?: readonly string[] },
  onNote: (note: string) => void,
): Promise<void> {
  const devices = await listDevices(backend);
  const failures = [name, ...fallbacks].flatMap((wanted) => {
    try {
      chooseDevice(devices, wanted);
      return [];
    } catch (error) {
      return [error as Error];
    }
  });
  if (failures.length > fallbacks.length) throw failures[0]!;
  for (const { message } of failures) onNote(message);
}

/**
 * Live sound of the device that `name` means (see chooseDevice: its name, its description, a part of them, `default`,
 * `monitor`). It never completes.
 *
 * The name is understood once. When that device stops delivering, disappears, or the sound system offers another in
 * its stead, the source says `lost` within 2 s and gives a gap, waits for the same device with growing pauses
 * (0.25 s to 5 s, `retrying`; at once where the sound system announces it), and goes on by itself, `delivering`, its position
 * moved on by what was missed. `default` and `monitor` follow the system's choice only while their device delivers.
 *
 * The first of `fallbacks` that is there is heard from 1 s after the loss on, until the device has delivered for 3 s.
 *
 * Digital silence is sound: it is passed on, and reported as `silent` after 5 s.
 *
 * Errors, only before any sound came: PROGRAM_MISSING, DEVICE_NOT_FOUND (which names those that exist).
 */
export function deviceSource(name: string, options: DeviceSourceOptions = {}): Source {
  const { backend, clock = systemClock, fallbacks = [], ...sound } = options;
  return {
    name,
    kind: 'device',
    events: eventsOf(async (emit, signal) => {
      const found = typeof backend === 'object' ? backend : await findBackend(backend);
      await new DeviceListening([name, ...fallbacks], {
        ...sound,
        backend: found,
        clock,
        emit,
        signal,
      }).run();
    }),
    ...(options.choice !== undefined && { choice: options.choice }),
  };
}
