import type { Ranked, RankedPictures, RankRequest } from '../../models/ranking/index.ts';
import type { Clip } from '../clips/index.ts';
import { Analyser, type AnalyserOptions, type Analysis } from './analyser.ts';
import type { ModelInfo } from './messages.ts';

/** A process with fewer clips before it gets more, so that it never stands still. */
const LEAST_CLIPS = 2;
/**
 * Clips in a row that one process gets: a model hears what two of them share only once. The first of a run costs as much as
 * without that.
 */
const RUN_CLIPS = 16;

interface Member {
  readonly analyser: Analyser;
  /** That it has before it. */
  clips: number;
}

/**
 * Several analysers of the same kind, for sound that doesn't come at real time. Answers come in any order. Music is
 * matched in one more process, so that a match never waits behind clips that were given ahead.
 */
export class AnalysisPool {
  readonly #members: readonly Member[];
  readonly #matcher: Analyser;
  /** Who gets the next `left` clips. */
  #run: { readonly member: Member; left: number };
  #waiters: (() => void)[] = [];

  private constructor(matcher: Analyser, analysers: readonly Analyser[]) {
    this.#matcher = matcher;
    this.#members = analysers.map((analyser) => ({ analyser, clips: 0 }));
    this.#run = { member: this.#members[0]!, left: RUN_CLIPS };
  }

  /** @param size processes that analyse clips. Rejects as `Analyser.start`. */
  static async start(size: number, options: AnalyserOptions): Promise<AnalysisPool> {
    const started = await Promise.allSettled(Array.from({ length: size + 1 }, () => Analyser.start(options)));
    const analysers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const failed = started.find((one) => one.status === 'rejected');
    if (failed !== undefined) {
      await Promise.all(analysers.map((analyser) => analyser.close()));
      throw failed.reason;
    }
    return new AnalysisPool(analysers[0]!, analysers.slice(1));
  }

  get model(): ModelInfo | undefined {
    return this.#matcher.model;
  }

  async analyse(clip: Clip): Promise<Analysis> {
    if (this.#run.left === 0) this.#run = { member: this.#leastBusy(), left: RUN_CLIPS };
    const { member } = this.#run;
    this.#run.left -= 1;
    member.clips += 1;
    try {
      return await member.analyser.analyse(clip);
    } finally {
      member.clips -= 1;
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
    while (this.#run.left === 0 && this.#leastBusy().clips >= LEAST_CLIPS) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  #leastBusy(): Member {
    return this.#members.reduce((least, other) => (other.clips < least.clips ? other : least));
  }

  async close(): Promise<void> {
    await Promise.all(
      [this.#matcher, ...this.#members.map(({ analyser }) => analyser)].map((one) => one.close()),
    );
  }
}
