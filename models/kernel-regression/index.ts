export { openKernelModel } from './open.ts';
export { DEFAULT_KERNEL_SETTINGS, kernelSettingsSchema, type KernelSettings } from './settings.ts';
export type { LabelledSet } from './examples.ts';
export { FileStatistics } from './file-statistics.ts';
export { trainKernelModel } from './train.ts';
