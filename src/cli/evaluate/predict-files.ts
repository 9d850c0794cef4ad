import { DiskCache } from '../../../models/cache.ts';
import type { SynestheteError } from '../../../models/errors.ts';
import type { Model } from '../../../models/model/index.ts';
import type { FeatureProcesses } from '../../../streams/file-inference/index.ts';
import { warn } from '../terminal/failure.ts';
import { Progress } from '../terminal/progress.ts';
import { reportSkipped } from '../terminal/skipped.ts';
import { predictRows, requestsOf, type FilesToEvaluate, type RowPrediction } from './labelled-files.ts';

export interface PredictFilesOptions {
  readonly skipBad?: true;
  /** Whether to keep predictions on disk and reuse them. */
  readonly cache: boolean;
  /** The threads that compute features, where others share them. */
  readonly featureThreads?: FeatureProcesses;
}

/** The predictions for the rows of each manifest. */
export type Predictions = Readonly<
  Partial<Record<'images' | 'music' | 'imageCategories' | 'musicCategories', readonly RowPrediction[]>>
>;

/**
 * Runs the model on the files, with a progress bar.
 *
 * @returns with how many files were left out
 * @throws SynestheteError that of the first file that can't be read, unless `skipBad` and others can.
 */
export async function predictFiles(
  files: FilesToEvaluate,
  model: Model,
  options: PredictFilesOptions,
): Promise<{ readonly predictions: Predictions; readonly skipped: number }> {
  const { FeatureProcesses: Threads, PredictionStore } =
    await import('../../../streams/file-inference/index.ts');
  const store = options.cache ? new PredictionStore(new DiskCache({ notice: warn }), model) : undefined;
  const parts = (['images', 'music', 'imageCategories', 'musicCategories'] as const).flatMap((name) => {
    const part = files[name];
    return part === undefined ? [] : [{ name, requests: requestsOf(part) }];
  });
  const total = parts.reduce((sum, { requests }) => sum + requests.length, 0);
  const progress = new Progress('files', { total });
  const threads = options.featureThreads ?? new Threads();
  const errors: SynestheteError[] = [];
  // Printed at the end, so that they don't tear the bar.
  const damages: string[] = [];
  const predictions: Partial<Record<(typeof parts)[number]['name'], RowPrediction[]>> = {};
  try {
    for (const { name, requests } of parts) {
      predictions[name] = await predictRows(requests, model, {
        store,
        threads,
        failed: (error) => {
          if (options.skipBad !== true) throw error;
          errors.push(error);
        },
        damaged: (line) => void damages.push(line),
        step: () => {
          progress.step();
        },
      });
    }
  } finally {
    if (options.featureThreads === undefined) await threads.close();
    progress.stop();
    for (const damage of damages) warn(damage);
  }
  reportSkipped(errors, total);
  return { predictions, skipped: errors.length };
}
