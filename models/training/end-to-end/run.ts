import type { SystemSettings } from '../../networks/index.ts';
import type { FrozenBackbone } from './backbone.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { TrainingData } from './data.ts';
import type { Journal } from './journal.ts';
import type { StateValues } from './predictions.ts';
import type { TrainContext, TrainRequest } from './request.ts';
import type { Inputs } from './resume.ts';

/** A training: its request and the checkpoint that it resumes. */
export interface Run extends Inputs {
  readonly request: TrainRequest;
  readonly context: TrainContext;
  /** Its folder, as an absolute path. */
  readonly out: string;
  readonly checkpointPath: string;
  /** Null for a new training. */
  readonly found: Checkpoint | null;
  /** Null when the picture network is trained with the rest. */
  readonly backbone: FrozenBackbone | null;
  readonly system: SystemSettings;
  /** Never aborted if the caller gave none. */
  readonly signal: AbortSignal;
}

/** A training with its data read. */
export interface RunOnData extends Run {
  readonly data: TrainingData;
  /** Statistics of the training features, by the names of the weights. */
  readonly statistics: StateValues;
  readonly journal: Journal;
}
