import type { Device } from '../../../../streams/sources/devices/device.ts';

/** A device as PulseAudio lists it. */
export const pulseDevice = (name: string, description: string, more: Partial<Device> = {}): Device => ({
  name,
  description,
  kind: 'input',
  isDefaultInput: false,
  isDefaultMonitor: false,
  rateHz: 48000,
  channels: 2,
  backend: 'pulse',
  address: name,
  id: name,
  ...more,
});
