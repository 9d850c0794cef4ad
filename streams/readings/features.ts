import { availableParallelism } from 'node:os';
import { Analyser } from '../analysis/index.ts';
import type { Clip } from '../clips/index.ts';

/** More than this many threads do not decode and read pictures any faster on common machines. */
const MOST_THREADS = 2;

/** Threads that compute features, started when the first clip comes. */
export class FeatureThreads {
  readonly #count = Math.min(MOST_THREADS, availableParallelism());
  #threads: Promise<{ readonly analyser: Analyser; waiting: number }[]> | undefined;

  /** The 193 × 87 matrix of a clip. Rejects with BAD_SAMPLES and the like; see `Analyser.analyse`. */
  async of(clip: Clip): Promise<Float32Array> {
    this.#threads ??= Promise.all(
      Array.from({ length: this.#count }, async () => ({ analyser: await Analyser.start(), waiting: 0 })),
    );
    const threads = await this.#threads;
    const thread = threads.reduce((least, other) => (other.waiting < least.waiting ? other : least));
    thread.waiting++;
    try {
      return (await thread.analyser.analyse(clip)).features;
    } finally {
      thread.waiting--;
    }
  }

  async close(): Promise<void> {
    const threads = await this.#threads?.catch(() => []);
    await Promise.all((threads ?? []).map(({ analyser }) => analyser.close()));
  }
}
