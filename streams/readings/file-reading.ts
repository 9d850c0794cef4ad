import type { PictureReading, Reading } from '../../models/model/index.ts';

/** What was read in a picture, or in a clip of a sound file. */
export type FileReading =
  | { readonly kind: 'image'; readonly reading: PictureReading }
  | { readonly kind: 'music'; readonly reading: Reading; readonly clip: ClipPlace };

export interface ClipPlace {
  /** Index of the stretch it is of. */
  readonly stretch: number;
  readonly startSeconds: number;
}
