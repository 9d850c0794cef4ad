export { encodeFiles } from './encoded-files.ts';
export type { LabelledSet } from './examples.ts';
export { chooseNested } from './choice.ts';
export type { NestedChoice, Try } from './choice.ts';
export { clipBlocks, pictureBlocks } from './branch.ts';
export { embedClips, embedPictures, trainCdcml } from './train.ts';
export type { CdcmlTrainingOptions } from './train.ts';
export { moodsWithoutTaste, refineModel } from './refine.ts';
export type { HandPicture, Refinement } from './refine.ts';
