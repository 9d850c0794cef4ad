import type { PicturePrediction, Prediction } from '../../models/model/index.ts';

/** What was read in a picture, or in a clip of a sound file. */
export type FilePrediction =
  | { readonly kind: 'image'; readonly prediction: PicturePrediction }
  | { readonly kind: 'music'; readonly prediction: Prediction; readonly clip: ClipPlace };

export interface ClipPlace {
  /** Index of the stretch it is of. */
  readonly stretch: number;
  readonly startSeconds: number;
}
