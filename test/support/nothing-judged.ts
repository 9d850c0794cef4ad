import type { JudgedPictures } from '../../src/show/index.ts';

/** Of a gallery without unsafe pictures, and without lists by hand. */
export const NOTHING_JUDGED: JudgedPictures = { marked: [], hidden: [], allowed: [] };
