import { BEFORE_SAMPLES, CLIP_SAMPLES, FEATURE_ROWS, FRAME_COUNT } from '../features/index.ts';

/** A clip with the second before it, 3 s that end with the clip. */
export const WINDOW_SAMPLES = BEFORE_SAMPLES + CLIP_SAMPLES;

/** A clip as models take it. */
export interface ClipInput {
  /** 44,100 samples, mono, 22,050 Hz, full scale ±1. */
  readonly samples: Float32Array;
  /** The sound right before the clip, at most 22,050 samples; fewer, or none, at the start of a source. */
  readonly before: Float32Array;
  /** 193 × 87, row-major; empty for a model that doesn't need features. */
  readonly features: Float32Array;
}

/**
 * The 3 s that end with the clip, 66,150 samples. Missing samples of the second before it are zero: an encoder doesn't
 * distinguish the start of a source from silence.
 * @param into written and returned
 * @throws RangeError when a part has another length
 */
export function windowOf(
  { samples, before }: ClipInput,
  into: Float32Array = new Float32Array(WINDOW_SAMPLES),
): Float32Array {
  if (samples.length !== CLIP_SAMPLES)
    throw new RangeError(`a clip has ${CLIP_SAMPLES} samples, not ${samples.length}`);
  if (before.length > BEFORE_SAMPLES)
    throw new RangeError(`at most ${BEFORE_SAMPLES} samples before a clip are heard, not ${before.length}`);
  into.fill(0, 0, BEFORE_SAMPLES - before.length);
  into.set(before, BEFORE_SAMPLES - before.length);
  into.set(samples, BEFORE_SAMPLES);
  return into;
}

/**
 * The 193 × 87 features of a clip, for a model that needs them.
 * @throws RangeError when they have another size, for example because they were not computed
 */
export function featuresOf({ features }: ClipInput): Float32Array {
  if (features.length === FEATURE_ROWS * FRAME_COUNT) return features;
  throw new RangeError(
    `a clip's features are ${FEATURE_ROWS} × ${FRAME_COUNT} numbers, not ${features.length}`,
  );
}
