export { clipOfFile } from './clip-of-file.ts';
export { clipsOfFile, type FileClip } from './clips-of-file.ts';
export { clips, DEFAULT_HOP_SAMPLES } from './clips.ts';
export type { Clip } from './clip-cutter.ts';
export { soundOfFile, stretchOfFile } from './sound-of-file.ts';
