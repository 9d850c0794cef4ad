import type { Prediction } from '../model/index.ts';
import type { PlanePoint } from '../plane.ts';

/** A prediction for a picture or clip, and the ratings of at least one axis. */
export interface PartlyLabelledPrediction {
  /** Its file, to show to people. */
  readonly name: string;
  readonly prediction: Prediction;
  /** Valence and arousal, each in [0, 1]. */
  readonly label: Partial<PlanePoint>;
}

/** An item with both ratings. */
export interface LabelledPrediction extends PartlyLabelledPrediction {
  readonly label: PlanePoint;
}
