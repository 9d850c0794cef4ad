import type { Ranked, RankedPictures, RankRequest } from '../../models/ranking/index.ts';
import type { Clip } from '../clips/index.ts';
import { AnalyserGroup, type Member } from './analyser-group.ts';
import { Analyser, type AnalyserOptions, type Analysis } from './analyser.ts';
import type { ModelInfo } from './messages.ts';

/** A process with fewer clips before it gets more, so that it never stands still. */
const LEAST_CLIPS = 2;
/**
 * Clips in a row that one process gets: a model hears what two of them share only once. The first of a run costs as much as
 * without that.
 */
const RUN_CLIPS = 16;

/**
 * Several analysers of the same kind, for sound that doesn't come at real time. Answers come in any order. Music is
 * matched in one more process, so that a match never waits behind clips that were given ahead.
 */
export class AnalysisPool {
  readonly #analysers: AnalyserGroup;
  readonly #matcher: Analyser;
  /** The process that gets the next `left` clips. */
  #run: { readonly member: Member; left: number };
  #waiters: (() => void)[] = [];

  private constructor(matcher: Analyser, analysers: AnalyserGroup) {
    this.#matcher = matcher;
    this.#analysers = analysers;
    this.#run = { member: analysers.leastBusy(), left: RUN_CLIPS };
  }

  /** @param size processes that analyse clips. Rejects as `Analyser.start`. */
  static async start(size: number, options: AnalyserOptions): Promise<AnalysisPool> {
    const analysers = new AnalyserGroup(size, options);
    const matchers = new AnalyserGroup(1, options);
    try {
      await Promise.all([analysers.start(), matchers.start()]);
    } catch (error) {
      await Promise.all([analysers.close(), matchers.close()]);
      throw error;
    }
    return new AnalysisPool(await matchers.leastBusy().analyser, analysers);
  }

  get model(): ModelInfo | undefined {
    return this.#matcher.model;
  }

  async analyse(clip: Clip): Promise<Analysis> {
    if (this.#run.left === 0) this.#run = { member: this.#analysers.leastBusy(), left: RUN_CLIPS };
    const { member } = this.#run;
    this.#run.left -= 1;
    try {
      return await this.#analysers.analyse(member, clip);
    } finally {
      for (const wake of this.#waiters.splice(0)) wake();
    }
  }

  match(request: RankRequest): Promise<Ranked> {
    return this.#matcher.match(request);
  }

  setPictures(pictures: RankedPictures): void {
    this.#matcher.setPictures(pictures);
  }

  /** Resolves when another clip would not have to wait for long. */
  async ready(): Promise<void> {
    while (this.#run.left === 0 && this.#analysers.leastBusy().waiting >= LEAST_CLIPS) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#matcher.close(), this.#analysers.close()]);
  }
}
