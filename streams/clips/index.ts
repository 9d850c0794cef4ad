export { clipOfFile } from './clip-of-file.ts';
export { clips, DEFAULT_HOP_SAMPLES, type Clip } from './clips.ts';
export { soundOfFile } from './sound-of-file.ts';
