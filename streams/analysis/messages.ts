/** To the worker: a clip to analyse. */
export interface Request {
  readonly id: number;
  readonly samples: Float32Array;
}

/** From the worker: that it is ready, what came out of a clip, or why nothing did. */
export type Answer =
  | { readonly id: -1; readonly ready: true }
  | { readonly id: number; readonly matrix: Float32Array; readonly elapsedMs: number }
  | { readonly id: number; readonly error: Error };
