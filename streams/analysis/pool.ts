import type { Clip } from '../clips/index.ts';
import type { Ranked, RankedPictures, RankRequest } from '../../models/ranking/index.ts';
import { Analyser, type AnalyserOptions, type Analysis } from './analyser.ts';
import type { ModelFacts } from './messages.ts';

/** Clips that a process has before it: one at work and one that waits, so that it never stands still. */
const CLIPS_A_MEMBER = 2;

/**
 * Several analysers of the same kind, for sound that doesn't come at real time. Answers come in any order. Music is
 * matched in one more process, so that a match never waits behind clips that were given ahead.
 */
export class AnalysisPool {
  readonly #members: { readonly analyser: Analyser; clips: number }[];
  readonly #matcher: Analyser;
  #waiters: (() => void)[] = [];

  private constructor(matcher: Analyser, analysers: readonly Analyser[]) {
    this.#matcher = matcher;
    this.#members = analysers.map((analyser) => ({ analyser, clips: 0 }));
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

  get model(): ModelFacts | undefined {
    return this.#matcher.model;
  }

  async analyse(clip: Clip): Promise<Analysis> {
    const member = this.#members.reduce((least, other) => (other.clips < least.clips ? other : least));
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
    while (this.#members.every(({ clips }) => clips >= CLIPS_A_MEMBER)) {
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  async close(): Promise<void> {
    await Promise.all(
      [this.#matcher, ...this.#members.map(({ analyser }) => analyser)].map((one) => one.close()),
    );
  }
}
