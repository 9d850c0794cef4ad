import { availableParallelism } from 'node:os';
import type { FeatureRows } from '../../models/features/index.ts';
import { AnalyserGroup } from '../analysis/index.ts';
import type { Clip } from '../clips/index.ts';

/** More processes than this do not decode and embed pictures any faster on common machines. */
const MOST_PROCESSES = 2;

/** Processes that compute features: up to two, started as they are needed. */
export class FeatureProcesses {
  readonly #analysers = new AnalyserGroup(Math.min(MOST_PROCESSES, availableParallelism()));

  /** The 193 × 87 matrix of a clip, or of it the rows that are wanted. Rejects as `Analyser.analyse`. */
  async of(clip: Clip, rows: FeatureRows): Promise<Float32Array> {
    const { features } = await this.#analysers.analyse(this.#analysers.leastBusy(), clip, rows);
    // An analyser without a model computes them.
    return features!;
  }

  close(): Promise<void> {
    return this.#analysers.close();
  }
}
