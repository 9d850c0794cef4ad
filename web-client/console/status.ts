import type { LiveStatus } from '../../src/show/index.ts';

/** What the console uses of /api/state, besides the newest message of the stream. */
export interface Status extends Omit<LiveStatus, 'models' | 'modelName'> {
  /** What `source` can be switched to, beside the devices. */
  readonly sources: readonly string[];
  /** What `model` can be switched to, and which of it runs; a replay names none. */
  readonly models?: readonly string[];
  readonly modelName?: string;
  /** Whether the pictures are those that come with the program. */
  readonly hasBuiltInPictures?: boolean;
}
