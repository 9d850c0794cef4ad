export { servedShow } from './served-show.ts';
export { LiveShow } from './show.ts';
export type { LiveShowOptions } from './start.ts';
export { claimState } from './state-owner.ts';
