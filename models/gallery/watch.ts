import { watch, type FSWatcher } from 'node:fs';
import { isAborted } from '../aborted.ts';
import type { Model } from '../model/index.ts';
import { indexGallery, type IndexOptions, type IndexReport } from './build.ts';

export interface WatchOptions extends IndexOptions {
  /**
   * Called after the first run, and after each later run that changed the index, the files left out or the moods set by a
   * person.
   */
  readonly onReport: (report: IndexReport) => void;
  /** Ends the watching. */
  readonly signal: AbortSignal;
  /** Called once all folders are watched, after each run. */
  readonly onIdle?: () => void;
  /** Delay from the last change to a run, so that many copied pictures are indexed together; by default 1000. */
  readonly quietMs?: number;
  /** Longest time between two runs, for network folders, which report no changes; by default 60,000. */
  readonly lookEveryMs?: number;
}

const QUIET_MS = 1000;
const LOOK_EVERY_MS = 60_000;

/**
 * Updates the index of a gallery and keeps it current until the end. It watches each folder; the runs find out what has
 * changed.
 * @throws SynestheteError as `indexGallery` for the first run; errors of later runs are reported, and the run is tried
 *   again
 */
export async function watchGallery(gallery: string, model: Model, options: WatchOptions): Promise<void> {
  const { signal, quietMs = QUIET_MS, lookEveryMs = LOOK_EVERY_MS } = options;
  const knownFaults: IndexOptions['knownFaults'] = new Map();
  const folders = new WatchedFolders((error) =>
    options.notice?.(`${error.message}: looking for changes every ${lookEveryMs / 1000} s`),
  );
  let isFirst = true;
  let reported = '';
  try {
    while (!signal.aborted) {
      folders.hasChanged = false;
      try {
        const report = await indexGallery(gallery, model, {
          ...options,
          again: options.again === true && isFirst,
          knownFaults,
        });
        folders.update(report.folders);
        const found = JSON.stringify([report.broken, report.blank, report.byHand, report.moodFaults]);
        if (isFirst || report.hasChanged || found !== reported) options.onReport(report);
        reported = found;
      } catch (error) {
        if (isFirst || !(error instanceof Error)) throw error;
        if (!isAborted(signal)) options.notice?.(error.message);
      }
      if (isAborted(signal)) return;
      isFirst = false;
      options.onIdle?.();
      await folders.change(signal, quietMs, lookEveryMs);
    }
  } finally {
    folders.close();
  }
}

class WatchedFolders {
  hasChanged = false;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #onFailure: (error: Error) => void;
  #hasFailed = false;
  #wake: (() => void) | undefined;

  constructor(onFailure: (error: Error) => void) {
    this.#onFailure = onFailure;
  }

  update(folders: readonly string[]): void {
    const wanted = new Set(folders);
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of wanted) {
      if (!this.#watchers.has(folder)) this.#watch(folder);
    }
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, (_, name) => {
        // The index's own folder, and temporary files of editors and copying programs.
        if (name?.startsWith('.') === true) return;
        this.hasChanged = true;
        this.#wake?.();
      });
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(folder);
        this.hasChanged = true;
        this.#wake?.();
      });
      this.#watchers.set(folder, watcher);
    } catch (error) {
      if (this.#hasFailed) return;
      this.#hasFailed = true;
      this.#onFailure(error as Error);
    }
  }

  /** Waits for a change that is followed by quiet, for the time to look anyway, or for the end. */
  async change(signal: AbortSignal, quietMs: number, lookEveryMs: number): Promise<void> {
    if (!this.hasChanged) await this.#wakeAfter(signal, lookEveryMs);
    while (this.hasChanged && !signal.aborted) {
      this.hasChanged = false;
      await this.#wakeAfter(signal, quietMs);
    }
  }

  #wakeAfter(signal: AbortSignal, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(wake, ms);
      this.#wake = wake;
      signal.addEventListener('abort', wake);
      if (signal.aborted) wake();
    });
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
  }
}
