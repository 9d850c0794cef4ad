/**
 * The pictures of a gallery in the form in which they are compared with music. Row i of each array is picture i.
 */
export interface RankedPictures {
  readonly count: number;
  /** What the model's ranking compares: row-major [count, ranking.width]. */
  readonly vectors: Float32Array;
  /** Valence and arousal of each picture: row-major [count, 2]. */
  readonly moods: Float32Array;
}

/** A picture as music ranks it. */
export interface RankedPicture {
  /** Its row among the RankedPictures. */
  readonly index: number;
  /** The model's score: the higher, the better it fits. Comparable within one match only. */
  readonly score: number;
  /**
   * The score on a scale that is the same for every model and every moment: 1 is the best of all allowed pictures, 0
   * is as good as one chosen blindly (the mean of the allowed ones), below 0 is worse than that.
   */
  readonly fit: number;
}
