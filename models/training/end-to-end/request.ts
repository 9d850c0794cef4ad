import type { DiskCache } from '../../cache.ts';
import type { Engine } from '../../engine/index.ts';
import type { SystemSettings } from '../../networks/index.ts';
import type { Notice } from '../../remedy.ts';
import type { DataSources, Judging } from './lists.ts';
import type { StretchReader } from './media.ts';
import type { TrainingSettings } from './settings.ts';
import type { TrainingProgress } from './stage.ts';
import type { Score, Validation } from './validation.ts';

/** What to train, on which data, and where to write it. */
export interface TrainRequest {
  /** The given settings; see `completeSettings`. When resuming, only those to check. */
  readonly given: Readonly<Record<string, unknown>>;
  /**
   * A new training needs images and music. A resumed one takes them from the checkpoint; given ones must be the same.
   */
  readonly sources: Partial<TrainSources> | undefined;
  /** The folder for model.json, weights.safetensors, metrics.jsonl, report.html and checkpoint.safetensors. */
  readonly out: string;
  readonly resume: boolean;
  /** Ends the network's training after this total of steps and validation, in minutes. */
  readonly maxMinutes?: number | undefined;
  /** Longest time between checkpoints; by default a minute. Results don't depend on it. */
  readonly checkpointSeconds?: number | undefined;
  /** Memory that may be used; by default the free memory. */
  readonly memoryBytes?: number | undefined;
  /** Judge the result by pairs of val, or of test, as well. Training does not use them. */
  readonly judging?: Judging | undefined;
  /** Licence or terms that the data came under, for model.json. */
  readonly dataTerms?: string | undefined;
}

export interface TrainSources extends DataSources {
  /** Checkpoints with torchvision's names. */
  readonly imageWeights?: string | undefined;
  readonly musicWeights?: string | undefined;
}

/** Services that training needs. */
export interface TrainContext {
  readonly engine: Engine;
  readonly threads: number;
  readonly readStretch: StretchReader;
  readonly cache: DiskCache;
  /** Called with one line that a person should see. */
  readonly notice: Notice;
  readonly onReading?: (done: number, all: number) => void;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Stops training at the next safe point, with a checkpoint written. */
  readonly signal?: AbortSignal;
}

export interface TrainResult {
  readonly out: string;
  readonly architecture: SystemSettings;
  readonly settings: TrainingSettings;
  /** On the val split, with the weights that were kept. */
  readonly validation: Validation;
  /** On the test split, on request. */
  readonly test: Validation | undefined;
  readonly ranking: Score;
  readonly skipped: readonly string[];
  /** Numbers of items of the split train; `listedPairs` is null when no file lists pairs. */
  readonly trainedOn: {
    readonly images: number;
    readonly clips: number;
    readonly listedPairs: number | null;
  };
  /** Steps of the network, and the epoch whose weights were kept. */
  readonly steps: number;
  readonly bestEpoch: number;
  readonly seconds: number;
}
