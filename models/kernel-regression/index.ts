export { openKernelModel } from './open.ts';
export { DEFAULT_KERNEL_SETTINGS, kernelSettingsSchema, type KernelSettings } from './settings.ts';
export type { LabelledSet, StatisticsSource } from './examples.ts';
export { KERNEL_ARCHITECTURE } from './model-file.ts';
export { PictureReader } from './picture-statistics.ts';
export { ClipReader } from './clip-reader.ts';
export { trainKernelModel, type KernelProgress, type KernelTrainingOptions } from './train.ts';
