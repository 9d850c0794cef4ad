import { tap, type MonoTypeOperatorFunction } from 'rxjs';
import { messageOf } from '../../models/errors.ts';
import type { Newest } from '../../streams/operators/index.ts';

/** Counts what was heard and what was lost, since the show began. */
export class LiveCounters {
  clips = 0;
  /** Clips skipped because the analysis was slower than the sound. */
  dropped = 0;
  /**
   * Clips whose analysis or matching failed: because the analysis process crashed or hung, while it restarted, or on
   * their own.
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

  /** A clip that can't be analysed or matched costs only itself. */
  lose(error: unknown): void {
    this.lost += 1;
    this.lastLoss = messageOf(error);
  }
}
