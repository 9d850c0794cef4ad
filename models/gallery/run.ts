import type { Model } from '../model/index.ts';
import type { Journal, SeenFile } from './journal.ts';
import type { IndexLayout } from './layout.ts';
import type { PreviousIndex } from './previous-index.ts';
import type { BrokenFile } from './scan.ts';

interface IndexProgress {
  /**
   * `refining`: moods derived from those of the base model; `reading`: files that the model must look
   * at; `rendering`: renditions for screens.
   */
  readonly stage: 'refining' | 'reading' | 'rendering';
  readonly done: number;
  readonly total: number;
}

export interface RunOptions {
  /** Pictures given to the model at once; by default 4. */
  readonly batch?: number;
  readonly onProgress?: (progress: IndexProgress) => void;
  /** Reads every file again, also those that seem unchanged, and makes their renditions again. Ids stay. */
  readonly again?: boolean;
  /** Ends the run. The next run continues from what is done. */
  readonly signal?: AbortSignal;
  /** Files that an earlier run of this process left out. They are tried again only after they change. */
  readonly knownFaults?: Map<string, SeenFile & BrokenFile & { readonly isBlank: boolean }>;
  /** Takes pictures in which there is nothing to see: of one colour, tiny, or far too long. */
  readonly allowBlank?: boolean;
  /** Called with one line that a person should see although the run continues. */
  readonly notice?: (line: string) => void;
}

/** One run that makes or updates the index of a gallery. */
export interface IndexRun {
  /** Folder of the pictures. */
  readonly gallery: string;
  readonly model: Model;
  readonly layout: IndexLayout;
  readonly previousIndex: PreviousIndex;
  /** What this run, and an interrupted one before it, have done so far. */
  readonly journal: Journal;
  readonly options: RunOptions;
}
