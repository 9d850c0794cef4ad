import type { FeatureRows } from '../../models/features/index.ts';
import type { Clip } from '../clips/index.ts';
import { Analyser, type Analysis, type AnalyserOptions } from './analyser.ts';

/** One process of a group. */
export interface Member {
  readonly analyser: Promise<Analyser>;
  /** Clips that it has not answered yet. */
  waiting: number;
}

/** Analysers of the same kind that share clips. A process starts when a clip comes for which none is free. */
export class AnalyserGroup {
  readonly #most: number;
  readonly #options: AnalyserOptions;
  readonly #members: Member[] = [];

  /** @param most processes, at least one */
  constructor(most: number, options: AnalyserOptions = {}) {
    this.#most = most;
    this.#options = options;
  }

  /** Starts all processes. Rejects as `Analyser.start`; then none is left. */
  async start(): Promise<void> {
    while (this.#members.length < this.#most) this.#startMember();
    const started = await Promise.allSettled(this.#members.map(({ analyser }) => analyser));
    const failed = started.find((one) => one.status === 'rejected');
    if (failed === undefined) return;
    await this.close();
    throw failed.reason;
  }

  /** An idle process, one that starts now, or else the one with the fewest clips. */
  leastBusy(): Member {
    const idle = this.#members.find(({ waiting }) => waiting === 0);
    if (idle !== undefined) return idle;
    if (this.#members.length < this.#most) return this.#startMember();
    return this.#members.reduce((least, other) => (other.waiting < least.waiting ? other : least));
  }

  /** Rejects as `Analyser.start` and `Analyser.analyse`. */
  async analyse(member: Member, clip: Clip, rows?: FeatureRows): Promise<Analysis> {
    member.waiting += 1;
    try {
      return await (await member.analyser).analyse(clip, rows);
    } finally {
      member.waiting -= 1;
    }
  }

  async close(): Promise<void> {
    // A failed start rejects for the clips that wait for it.
    const started = await Promise.allSettled(this.#members.splice(0).map(({ analyser }) => analyser));
    await Promise.all(
      started.map(async (one) => {
        if (one.status === 'fulfilled') await one.value.close();
      }),
    );
  }

  #startMember(): Member {
    const member: Member = { analyser: Analyser.start(this.#options), waiting: 0 };
    this.#members.push(member);
    return member;
  }
}
