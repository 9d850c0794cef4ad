import { availableParallelism } from 'node:os';
import type { FeatureRows } from '../../models/features/index.ts';
import { Analyser } from '../analysis/index.ts';
import type { Clip } from '../clips/index.ts';

/** More than this many threads do not decode and read pictures any faster on common machines. */
const MOST_THREADS = 2;

interface Thread {
  readonly analyser: Promise<Analyser>;
  /** Clips that it has not answered yet. */
  waiting: number;
}

/** Threads that compute features; one is started when a clip comes for which none is free. */
export class FeatureThreads {
  readonly #most = Math.min(MOST_THREADS, availableParallelism());
  readonly #threads: Thread[] = [];

  /** The 193 × 87 matrix of a clip, or of it the rows that are wanted. Rejects as `Analyser.analyse` does. */
  async of(clip: Clip, rows: FeatureRows): Promise<Float32Array> {
    const thread = this.#leastBusy();
    thread.waiting++;
    try {
      const analyser = await thread.analyser;
      // An analyser without a model gives them.
      return (await analyser.analyse(clip, rows)).features!;
    } finally {
      thread.waiting--;
    }
  }

  async close(): Promise<void> {
    const threads = this.#threads.splice(0);
    // One that could not start has told so to whoever gave it a clip.
    const started = await Promise.allSettled(threads.map(({ analyser }) => analyser));
    for (const thread of started) if (thread.status === 'fulfilled') await thread.value.close();
  }

  #leastBusy(): Thread {
    const idle = this.#threads.find(({ waiting }) => waiting === 0);
    if (idle !== undefined) return idle;
    if (this.#threads.length < this.#most) {
      const started: Thread = { analyser: Analyser.start(), waiting: 0 };
      this.#threads.push(started);
      return started;
    }
    return this.#threads.reduce((least, other) => (other.waiting < least.waiting ? other : least));
  }
}
