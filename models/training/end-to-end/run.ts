import type { SystemSettings } from '../../networks/index.ts';
import type { FrozenBackbone } from './backbone.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { TrainingData } from './data.ts';
import type { Journal } from './journal.ts';
import type { StateValues } from './predictions.ts';
import type { TrainContext, TrainRequest } from './request.ts';
import type { Inputs } from './resume.ts';

/** A training: what was asked for, and what it goes on from. */
export interface Run extends Inputs {
  readonly request: TrainRequest;
  readonly context: TrainContext;
  /** Its folder, as a whole path. */
  readonly out: string;
  readonly checkpointPath: string;
  /** Null where it begins. */
  readonly found: Checkpoint | null;
  /** Null where the picture network is trained with the rest. */
  readonly backbone: FrozenBackbone | null;
  readonly system: SystemSettings;
  /** Never aborted where the caller gave none. */
  readonly signal: AbortSignal;
}

/** The same once its data is read. */
export interface RunOnData extends Run {
  readonly data: TrainingData;
  /** Of the features that it learns from, by the names of the weights. */
  readonly statistics: StateValues;
  readonly journal: Journal;
}
