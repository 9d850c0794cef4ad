import { tap, type MonoTypeOperatorFunction } from 'rxjs';
import { messageOf } from '../../models/errors.ts';
import type { Newest } from '../../streams/operators/index.ts';

/** What was heard and what was not, since the show began. */
export class LiveCounters {
  clips = 0;
  /** Clips passed over because the analysis was slower than the sound. */
  dropped = 0;
  /**
   * Clips whose analysis or matching failed: with an analysis process that crashed or hung, while it was started again, or
   * by themselves.
   */
  lost = 0;
  /** Why the last of those failed; empty when none did. */
  lastLoss = '';
  /** Gaps in the sound. */
  gaps = 0;

  countClips<T>(): MonoTypeOperatorFunction<T> {
    return tap(() => {
      this.clips += 1;
    });
  }

  countDrops<T>(): MonoTypeOperatorFunction<Newest<T>> {
    return tap(({ dropped }) => {
      this.dropped = dropped;
    });
  }

  /** A clip that could not be analysed or matched costs only itself. */
  lose(error: unknown): void {
    this.lost += 1;
    this.lastLoss = messageOf(error);
  }
}
