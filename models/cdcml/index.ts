export { encodeFiles } from './encoded-files.ts';
export type { EncodedFiles } from './encoded-files.ts';
export type { LabelledSet } from './examples.ts';
export { openCdcml } from './open.ts';
export { DEFAULT_CDCML_SETTINGS, cdcmlSettingsSchema } from './settings.ts';
export type { CdcmlSettings } from './settings.ts';
export { trainCdcml } from './train.ts';
export type { CdcmlProgress } from './train.ts';
