import type { Engine } from '../../engine/index.ts';
import type { Tensor } from '../../weights/index.ts';
import type { Feeder } from './batches.ts';
import type { Progress } from './checkpoint.ts';
import type { Journal } from './journal.ts';
import type { StateValues } from './predictions.ts';
import type { TrainingStep } from './step.ts';

/** A part of training with its own loss and network. */
export interface Stage {
  readonly name: 'network' | 'moods';
  readonly step: TrainingStep;
  readonly feeder: Feeder;
  /** Fed to every step, never trained. */
  readonly statistics: StateValues;
  readonly epochs: number;
  readonly patience: number;
  /** Whether `maxSeconds` applies. */
  readonly isTimed: boolean;
  /** @param epoch counts from 1 */
  readonly learningRate: (epoch: number) => number;
  /**
   * The criterion of the weights (smaller is better) and the figures for metrics.jsonl. Rejects with the reason of the
   * signal when training is aborted.
   */
  readonly validate: (
    state: StateValues,
  ) => Promise<{ readonly criterion: number; readonly figures: Readonly<Record<string, unknown>> }>;
}

/** The state from which a stage starts or resumes. */
export interface StageStart {
  readonly progress: Progress;
  readonly now: StateValues;
  readonly best: ReadonlyMap<string, Tensor>;
}

/** Progress to show to a person. */
export interface TrainingProgress {
  readonly stage: Stage['name'];
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly etaSeconds: number;
}

export interface StageContext {
  readonly engine: Engine;
  readonly journal: Journal;
  readonly maxSeconds: number;
  readonly checkpointSeconds: number;
  readonly out: string;
  /** Called with a consistent state: at the start of the stage, after every validation, and at intervals. */
  readonly save: (
    progress: Progress,
    now: ReadonlyMap<string, Tensor>,
    best: ReadonlyMap<string, Tensor>,
  ) => Promise<void>;
  readonly onProgress: (progress: TrainingProgress) => void;
  /** Called with one line that a person should see. */
  readonly notice: (line: string) => void;
  /** Ends the stage at the next safe point. */
  readonly signal: AbortSignal;
}

export interface StageResult {
  readonly progress: Progress;
  /** Weights of the best validation. */
  readonly best: ReadonlyMap<string, Tensor>;
  /** Whether the signal ended it. */
  readonly isStopped: boolean;
}

/** The values of tensors by their names. */
export function valuesOf(tensors: ReadonlyMap<string, Tensor>): Record<string, Float32Array> {
  return Object.fromEntries([...tensors].map(([name, { data }]) => [name, data]));
}
