import type { Prediction } from '../model/index.ts';
import type { PlanePoint } from '../plane.ts';

/** What a model read in a picture or clip, and what people say of it: of at least one of the two axes. */
export interface PartlyLabelledPrediction {
  /** What a person calls it: its file. */
  readonly name: string;
  readonly prediction: Prediction;
  /** Valence and arousal, each in [0, 1]. */
  readonly label: Partial<PlanePoint>;
}

/** One of which people say both. */
export interface LabelledPrediction extends PartlyLabelledPrediction {
  readonly label: PlanePoint;
}
