export type { Block, Gap, Source, SourceEvent, SourceStatus } from './source.ts';
export { fileSource, type FileSourceOptions } from './file.ts';
export type { Clock } from './clock.ts';
export type { Pace } from './pace.ts';
export { stdinSource, type StdinSourceOptions } from './stdin.ts';
export { deviceSource, listDevices, type DeviceSourceOptions } from './device.ts';
export type { BackendName, Device } from './devices/device.ts';
export { BACKEND_NAMES } from './devices/backends.ts';
export {
  chord,
  clicks,
  demo,
  mix,
  noise,
  silence,
  sine,
  sweep,
  syntheticSource,
  type Signal,
  type SyntheticSourceOptions,
} from './synthetic.ts';
export type { PcmFormat } from './pcm.ts';
