import type { Mood, Prediction } from '../model/index.ts';
import type { RankedPicture } from './pictures.ts';

export interface RankRequest {
  /** The current prediction for the music: see `smoothMood`. */
  readonly prediction: Prediction;
  /** How far the operator pushes the pictures' mood away from the music's. */
  readonly offset: Mood;
  /** One byte for each picture: 1 where it may be shown. */
  readonly allowed: Uint8Array;
  /** How many of the best pictures to return. */
  readonly count: number;
  /** Pictures to rank in any case: those on show. */
  readonly alsoIndices: readonly number[];
}

export interface Ranked {
  /** The best allowed pictures, best first; of equal ones, the lower index first. */
  readonly best: readonly RankedPicture[];
  /** The pictures of `alsoIndices`, allowed or not. */
  readonly also: readonly RankedPicture[];
}
