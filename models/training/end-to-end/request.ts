import type { DiskCache } from '../../cache.ts';
import type { Engine } from '../../engine/index.ts';
import type { SystemSettings } from '../../networks/index.ts';
import type { DataSources, Judging } from './lists.ts';
import type { StretchReader } from './media.ts';
import type { TrainingSettings } from './settings.ts';
import type { TrainingProgress } from './stage.ts';
import type { Score, Validation } from './validation.ts';

/** What to train, on what, and where to. */
export interface TrainRequest {
  /** Settings as they were given; see `completeSettings`. On resuming only those that shall be checked. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Images and music are needed to begin. On resuming the checkpoint tells all, and those given shall be the same. */
  readonly sources: Partial<TrainSources> | undefined;
  /** The folder for model.json, weights.safetensors, metrics.jsonl, report.html and checkpoint.safetensors. */
  readonly out: string;
  readonly resume: boolean;
  /** After so many minutes of steps and validation, all in all, the network is done. */
  readonly maxMinutes?: number | undefined;
  /** At least so often a checkpoint is written; by default every minute. Results don't depend on it. */
  readonly checkpointSeconds?: number | undefined;
  /** Memory that may be used, by default what is free. */
  readonly memoryBytes?: number | undefined;
  /** What has come of it is judged by pairs of val, and of test, as well. Training makes nothing of them. */
  readonly judging?: Judging | undefined;
  /** Licence or terms that the data came under, for model.json. */
  readonly dataTerms?: string | undefined;
}

export interface TrainSources extends DataSources {
  /** Checkpoints with torchvision's names. */
  readonly imageWeights?: string | undefined;
  readonly musicWeights?: string | undefined;
}

/** What training needs of its surroundings. */
export interface TrainContext {
  readonly engine: Engine;
  readonly threads: number;
  readonly readStretch: StretchReader;
  readonly cache: DiskCache;
  /** Is told, in one line, what a person should know. */
  readonly notice: (line: string) => void;
  readonly onReading?: (done: number, all: number) => void;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Stops training at the next safe point, with a checkpoint written. */
  readonly signal?: AbortSignal;
}

export interface TrainResult {
  readonly out: string;
  readonly architecture: SystemSettings;
  readonly settings: TrainingSettings;
  /** Of the val split, with the weights that were kept. */
  readonly validation: Validation;
  /** Of the test split, where it was asked for. */
  readonly test: Validation | undefined;
  readonly ranking: Score;
  readonly skipped: readonly string[];
  /** What of the split train it learnt from; `listedPairs` is null where no file lists pairs. */
  readonly trainedOn: {
    readonly images: number;
    readonly clips: number;
    readonly listedPairs: number | null;
  };
  /** Steps of the network that were done, and the epoch whose weights were kept. */
  readonly steps: number;
  readonly bestEpoch: number;
  readonly seconds: number;
}
