import { only, type Device } from './device.ts';

/** A device as it was last seen, and what tells it from others. */
export interface KnownDevice {
  readonly device: Device;
  /** Devices of the same id or description that were there beside it: none of them is the one. */
  readonly others: ReadonlySet<string>;
  /** Whether there ever was one. */
  readonly hasTwin: boolean;
}

/** What is kept in mind of a device that is there. */
export function knownDevice(device: Device, devices: readonly Device[], before?: KnownDevice): KnownDevice {
  const twins = devices.filter(
    (other) => other !== device && (baseOf(other) === baseOf(device) || other.name === device.name),
  );
  return {
    device,
    others: new Set(twins.map(({ appearance }) => appearance).filter((one) => one !== undefined)),
    hasTwin: twins.length > 0 || before?.hasTwin === true,
  };
}

/**
 * The known device among those that are there now; undefined while it is away. It may have another index, description or
 * port, and of two devices of one model it may have got the other's name.
 */
export function findKnown(
  devices: readonly Device[],
  { device: known, others, hasTwin }: KnownDevice,
): Device | undefined {
  const candidates = devices.filter(({ appearance }) => appearance === undefined || !others.has(appearance));
  const still = candidates.find(
    ({ appearance, id }) => appearance !== undefined && appearance === known.appearance && id === known.id,
  );
  if (still !== undefined) return still;
  const inPlace = candidates.filter(
    ({ hardware, kind }) => hardware !== undefined && hardware === known.hardware && kind === known.kind,
  );
  const sameId = candidates.filter(({ id }) => id === known.id);
  const sameName = candidates.filter(({ name }) => name === known.name);
  return (
    sameId.find((device) => inPlace.includes(device)) ??
    only(inPlace.filter(({ description }) => description === known.description)) ??
    only(inPlace) ??
    // A device of the same model in another port is the same one, unless there are two of them.
    [...sameId, ...(only(sameName) === undefined ? [] : sameName)].find(
      ({ hardware }) => !hasTwin || hardware === undefined || known.hardware === undefined,
    )
  );
}

/** Sound servers count devices of one name: `alsa_input.usb-Mixer.analog-stereo.2`, `hall.2.monitor`. */
function baseOf({ id }: Device): string {
  return id.replace(/\.\d+(?=(\.monitor)?$)/, '');
}
