import type { Clip } from '../clips/index.ts';
import type { Ranked, RankedPictures, RankRequest } from '../matching/index.ts';
import { Analyser, type AnalyserOptions, type Analysis } from './analyser.ts';
import type { ModelFacts } from './messages.ts';

/** Clips that a thread has before it: one at work and one that waits, so that it never stands still. */
const CLIPS_A_THREAD = 2;

/** Several analysers of the same kind, for sound that doesn't come at real time. Answers come in any order. */
export class AnalysisPool {
  readonly #threads: { readonly analyser: Analyser; clips: number }[];
  #waiters: (() => void)[] = [];

  private constructor(analysers: readonly Analyser[]) {
    this.#threads = analysers.map((analyser) => ({ analyser, clips: 0 }));
  }

  /** Rejects as `Analyser.start`. */
  static async start(threads: number, options: AnalyserOptions): Promise<AnalysisPool> {
    const started = await Promise.allSettled(
      Array.from({ length: threads }, () => Analyser.start(options)),
    );
    const analysers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const failed = started.find((one) => one.status === 'rejected');
    if (failed !== undefined) {
      await Promise.all(analysers.map((analyser) => analyser.close()));
      throw failed.reason;
    }
    return new AnalysisPool(analysers);
  }

  get model(): ModelFacts | undefined {
    return this.#threads[0]!.analyser.model;
  }

  async analyse(clip: Clip): Promise<Analysis> {
    const thread = this.#threads.reduce((least, other) => (other.clips < least.clips ? other : least));
    thread.clips += 1;
    try {
      return await thread.analyser.analyse(clip);
    } finally {
      thread.clips -= 1;
      for (const wake of this.#waiters.splice(0)) wake();
    }
  }

  match(request: RankRequest): Promise<Ranked> {
    return this.#threads[0]!.analyser.match(request);
  }

  setPictures(pictures: RankedPictures): void {
    for (const { analyser } of this.#threads) analyser.setPictures(pictures);
  }

  /** Resolves when another clip would not have to wait for long. */
  async ready(): Promise<void> {
    while (this.#threads.every(({ clips }) => clips >= CLIPS_A_THREAD)) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map(({ analyser }) => analyser.close()));
  }
}
