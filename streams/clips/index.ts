export { clips, DEFAULT_HOP_SAMPLES, type Clip } from './clips.ts';
