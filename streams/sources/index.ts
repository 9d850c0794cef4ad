export type { Block, Source, SourceEvent, SourceStatus } from './source.ts';
export type { Pace } from './pace.ts';
export { fileSource } from './file.ts';
export { stdinSource } from './stdin.ts';
export { deviceSource, listDevices } from './device.ts';
export { BACKEND_NAMES } from './devices/backends.ts';
export type { BackendName, Device } from './devices/device.ts';
export { chord, clicks, demo, mix, noise, silence, sine, sweep, syntheticSource } from './synthetic.ts';
