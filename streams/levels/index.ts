export { levels, LEVEL_HOP_SAMPLES, type Level } from './levels.ts';
