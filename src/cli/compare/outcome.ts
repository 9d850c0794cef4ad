import type { TrainResult } from '../../../models/training/end-to-end/index.ts';
import type { ComparisonRun } from './runs.ts';

/** What is kept of a finished run. */
export interface RunOutcome {
  readonly name: string;
  readonly seed: number;
  /** What it ran on. */
  readonly engine: string;
  readonly settings: TrainResult['settings'];
  /** Settings that differed from those of all systems. */
  readonly ownSettings: Readonly<Record<string, unknown>>;
  readonly trainedOn: TrainResult['trainedOn'];
  readonly validation: TrainResult['validation'];
  /** Where both manifests have that split. */
  readonly test?: NonNullable<TrainResult['test']>;
  readonly ranking: TrainResult['ranking'];
  readonly steps: number;
  readonly bestEpoch: number;
  readonly seconds: number;
}

/** The outcome of a run, as it is kept. */
export function outcomeOf(
  { name, seed }: ComparisonRun,
  engine: string,
  ownSettings: RunOutcome['ownSettings'],
  { settings, trainedOn, validation, test, ranking, steps, bestEpoch, seconds }: TrainResult,
): RunOutcome {
  const figures = { validation, ...(test && { test }), ranking, steps, bestEpoch, seconds };
  return { name, seed, engine, settings, ownSettings, trainedOn, ...figures };
}
