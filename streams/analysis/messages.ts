import type { FeatureRows } from '../../models/features/index.ts';
import type { NeighboursPlace } from '../../models/gallery/search/index.ts';
import type { Attention, Prediction } from '../../models/model/index.ts';
import type { Remedy } from '../../models/remedy.ts';
import type { CorrectedPictures, MoodSpread, RankRequest, Ranked } from '../../models/ranking/index.ts';

/**
 * How a process opens its model: a module that exports `open(settings, onFallback)`, which gives a Model and tells
 * `onFallback` in a line each of the engines that were tried in vain. A process can be handed neither a model nor a
 * function, only how to make one.
 */
export interface ModelRecipe {
  /** URL of the module. */
  readonly module: string;
  /** For its `open`; must survive a structured clone. */
  readonly settings: unknown;
}

/** To the worker as it starts, before all requests. */
export interface WorkerSettings {
  readonly model?: ModelRecipe;
}

/** To the worker: a clip to analyse; pictures to match with, in parts, and that all of them have come; music to match. */
export type Request =
  | {
      readonly kind: 'analyse';
      readonly id: number;
      readonly samples: Float32Array;
      readonly before: Float32Array;
      /** Which features are wanted of a process without a model. */
      readonly rows: FeatureRows;
    }
  | { readonly kind: 'pictures'; readonly count: number; readonly width: number }
  | {
      readonly kind: 'part';
      readonly array: 'vectors' | 'moods';
      readonly offset: number;
      readonly numbers: Float32Array;
    }
  | {
      readonly kind: 'load';
      readonly id: number;
      readonly neighbours: NeighboursPlace | null;
      readonly corrected: CorrectedPictures | null;
    }
  | { readonly kind: 'match'; readonly id: number; readonly request: RankRequest };

/** What a process reports of the model that it opened. */
export interface ModelInfo {
  readonly fingerprint: string;
  readonly folder: string;
  readonly engine: string;
  /** Why the engine is none of those that were tried before it: a line, if any were. */
  readonly fallbacks: readonly string[];
  readonly ranking: 'plane' | 'embedding' | 'predictor';
  /** Numbers in a picture vector. */
  readonly width: number;
  /** Moods of the music that it has learnt from. */
  readonly music: MoodSpread;
  /** How much earlier clips count in the mood of the music. */
  readonly attention: Attention;
}

/** What came out of a clip. */
export interface ClipAnswer {
  /** 193 × 87, of a process without a model: with one nobody asks for them. */
  readonly features: Float32Array | undefined;
  /** What the model reads in it; undefined in a process without a model. */
  readonly prediction: Prediction | undefined;
  readonly rms: number;
  readonly elapsedMs: number;
}

/** Why something was not done: the code of a SynestheteError where it was one, and one line. */
export interface Failure {
  readonly code?: string;
  readonly message: string;
  readonly remedy?: Remedy | undefined;
}

/** From the worker: that it is ready or why it can't be, what came out of a request, or why nothing did. */
export type Answer =
  | { readonly kind: 'ready'; readonly model: ModelInfo | undefined }
  | ({ readonly kind: 'clip'; readonly id: number } & ClipAnswer)
  | { readonly kind: 'loaded'; readonly id: number }
  | { readonly kind: 'match'; readonly id: number; readonly ranked: Ranked }
  | ({ readonly kind: 'refused' } & Failure)
  | ({ readonly kind: 'failed'; readonly id: number } & Failure);
