/** A point of the valence-arousal plane, each in [0, 1]. */
export interface Mood {
  readonly valence: number;
  readonly arousal: number;
}
