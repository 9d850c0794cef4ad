import type { LiveStatus } from '../../src/live/index.ts';

/** What the console reads of /api/state, beside the newest message of the stream. */
export interface Status extends LiveStatus {
  /** What `source` can be switched to, beside the devices. */
  readonly sources: readonly string[];
}
