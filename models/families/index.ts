export type { Architectures } from './architectures.ts';
export { bundledDescription, openModel } from './open.ts';
