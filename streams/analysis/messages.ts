import type { RankedPictures, RankRequest, Ranked } from '../matching/index.ts';
import type { Reading } from '../../models/serving/index.ts';

/**
 * How a thread opens its model: a module that exports `open(settings, onFallback)`, which gives a Model and tells
 * `onFallback` in a line each of the engines that were tried in vain. A thread can be handed neither a model nor a
 * function, only how to make one.
 */
export interface ModelRecipe {
  /** URL of the module. */
  readonly module: string;
  /** For its `open`; must survive a structured clone. */
  readonly settings: unknown;
}

/** To the worker as it starts. */
export interface WorkerSettings {
  readonly model?: ModelRecipe;
}

/** To the worker: a clip to analyse, the pictures to match with, music to match. */
export type Request =
  | { readonly kind: 'analyse'; readonly id: number; readonly samples: Float32Array }
  | { readonly kind: 'pictures'; readonly pictures: RankedPictures }
  | { readonly kind: 'match'; readonly id: number; readonly request: RankRequest };

/** What is told of the model that a thread has opened. */
export interface ModelFacts {
  readonly fingerprint: string;
  readonly folder: string;
  readonly engine: string;
  /** The engines that were tried before that one and don't serve, a line for each. */
  readonly fallbacks: readonly string[];
  readonly ranking: 'plane' | 'embedding' | 'predictor';
  /** Numbers in a picture vector. */
  readonly width: number;
}

/** What came out of a clip. */
export interface ClipAnswer {
  readonly matrix: Float32Array;
  /** What the model reads in it; undefined in a thread without a model. */
  readonly reading: Reading | undefined;
  readonly rms: number;
  readonly elapsedMs: number;
}

/** From the worker: that it is ready, what came out of a request, or why nothing did. */
export type Answer =
  | { readonly kind: 'ready'; readonly model: ModelFacts | undefined }
  | ({ readonly kind: 'clip'; readonly id: number } & ClipAnswer)
  | { readonly kind: 'match'; readonly id: number; readonly ranked: Ranked }
  | { readonly kind: 'failed'; readonly id: number; readonly error: Error };
