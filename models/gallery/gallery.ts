import { unwatchFile, watchFile } from 'node:fs';
import { messageOf } from '../errors.ts';
import type { Model, Ranking } from '../model/index.ts';
import type { MoodsFile, MoodsTable } from '../moods/index.ts';
import { handListPath, readHandLists, type HandList, type HandLists } from './hand-lists.ts';
import { markUsed } from './in-use.ts';
import { NO_HAND, otherFiles, resolveMoods } from './resolved-moods.ts';
import type { Snapshot } from './snapshot.ts';

export interface GalleryOptions {
  /** The model whose index is opened. */
  readonly model: Pick<Model, 'fingerprint'> & { readonly ranking: Pick<Ranking, 'score' | 'width'> };
  /** Folder of the index; by default `.synesthete` in the gallery. */
  readonly indexFolder?: string;
  /** Pictures with at least this probability are unsafe; by default UNSAFE_THRESHOLD. */
  readonly unsafeThreshold?: number;
  /** Table of moods set by a person; by default `moods.csv` in the gallery. */
  readonly moods?: MoodsFile;
  /** Called with one line when a new index can't be read; the pictures stay as they were. */
  readonly notice?: (line: string) => void;
  /** Called with the rows of the table of moods that don't count, one line each, whenever they change. */
  readonly onMoodFaults?: (faults: readonly string[]) => void;
}

/** How often to check whether the index was replaced. */
const LOOK_EVERY_MS = 500;

export type GalleryObserver = (snapshot: Snapshot, before: Snapshot) => void;

/** Files that a gallery follows. */
export interface GalleryFiles {
  readonly index: string;
  /** The folder of the lists by hand. */
  readonly lists: string;
  readonly moods: MoodsFile;
}

/**
 * The pictures of a gallery, which may change during a show: `snapshot` is always complete, and is replaced in one step
 * when the index, a list by hand or the table of moods changes.
 */
export class Gallery {
  /** The folder of pictures. */
  readonly folder: string;
  #snapshot: Snapshot;
  readonly #files: GalleryFiles;
  readonly #load: () => Promise<Snapshot>;
  readonly #options: Pick<GalleryOptions, 'notice' | 'onMoodFaults'>;
  readonly #observers = new Set<GalleryObserver>();
  #isFollowing = false;
  /** Removes the mark that this show uses the index. */
  #release: Promise<() => Promise<void>> | undefined;
  #loading: Promise<void> = Promise.resolve();
  /** The table of moods as last read. */
  #moods: MoodsTable | null = null;
  /** Why the newest table can't be used; '' when it can. */
  #moodsFailure = '';
  #reportedFaults = '';

  constructor(
    folder: string,
    files: GalleryFiles,
    snapshot: Snapshot,
    load: () => Promise<Snapshot>,
    options: Pick<GalleryOptions, 'notice' | 'onMoodFaults'>,
  ) {
    this.folder = folder;
    this.#files = files;
    this.#snapshot = snapshot;
    this.#load = load;
    this.#options = options;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Rows of the table of moods that don't count, one line each. */
  get moodFaults(): readonly string[] {
    return this.#moodsFailure === '' ? this.#snapshot.moodFaults : [this.#moodsFailure];
  }

  /**
   * Reads each new index that `synesthete index` writes, in this process or another, and each change of the lists by hand
   * and of the table of moods, until the gallery is closed. Until then no run removes the index.
   * @returns ends the observation
   */
  follow(observer: GalleryObserver): () => void {
    this.#observers.add(observer);
    if (!this.#isFollowing) {
      this.#isFollowing = true;
      this.#release = markUsed(this.#files.index);
      const options = { interval: LOOK_EVERY_MS, persistent: false };
      watchFile(this.#files.index, options, this.#onReplaced);
      for (const path of this.#listFiles) watchFile(path, options, this.#onLists);
      watchFile(this.#files.moods.path, options, this.#onMoods);
      // Nothing else notices changes between the opening and now.
      void this.reloadLists();
      void this.reloadMoods();
    }
    return () => {
      this.#observers.delete(observer);
    };
  }

  get #listFiles(): readonly string[] {
    return (['allowed', 'hidden'] as const).map((list) => handListPath(this.#files.lists, list));
  }

  readonly #onReplaced = (now: { readonly mtimeMs: number }): void => {
    if (now.mtimeMs > 0) void this.reload();
  };

  // Deleted lists and a deleted table are changes as well.
  readonly #onLists = (): void => void this.reloadLists();
  readonly #onMoods = (): void => void this.reloadMoods();

  /** Reads the index again. Reports what is wrong with it and keeps the snapshot. */
  reload(): Promise<void> {
    return this.#inTurn(async () => {
      try {
        const read = await this.#load();
        const snapshot = read.withLists(await this.#readLists());
        this.#replace(this.#moods === null ? snapshot : await this.#withMoods(snapshot, this.#moods));
        this.#tellFaults();
      } catch (error) {
        this.#options.notice?.(messageOf(error));
      }
    });
  }

  /** Reads the lists by hand again, not the index. Reports what is wrong with them and keeps what they were. */
  reloadLists(): Promise<void> {
    return this.takeUpLists().catch((error: unknown) => {
      this.#options.notice?.(messageOf(error));
    });
  }

  /** As `reloadLists`. @throws SynestheteError BAD_INDEX when one of them is malformed: then both are what they were */
  async takeUpLists(): Promise<void> {
    let failure: unknown;
    await this.#inTurn(async () => {
      try {
        const { lists: before } = this.#snapshot;
        const lists = await this.#readLists();
        if (lists !== before) this.#replace(this.#snapshot.withLists(lists));
      } catch (error) {
        failure = error;
      }
    });
    if (failure !== undefined) throw failure as Error;
  }

  /** @returns the same object while their content stays the same */
  async #readLists(): Promise<HandLists> {
    const lists = await readHandLists(this.#files.lists);
    const { lists: before } = this.#snapshot;
    return areSame(lists.allowed, before.allowed) && areSame(lists.hidden, before.hidden) ? before : lists;
  }

  /** Reads the table of moods again, not the pictures. Reports what is wrong with it and keeps the moods. */
  reloadMoods(): Promise<void> {
    return this.#inTurn(async () => {
      try {
        const moods = await this.#files.moods.read();
        this.#moodsFailure = '';
        if (moods !== this.#moods) {
          const snapshot = await this.#withMoods(this.#snapshot, moods);
          this.#moods = moods;
          this.#replace(snapshot);
        }
      } catch (error) {
        this.#moodsFailure = messageOf(error);
      }
      this.#tellFaults();
    });
  }

  /**
   * Whether the folder has a file that a table of moods may name: a picture of the index, or a file that is no picture.
   */
  async hasFile(file: string): Promise<boolean> {
    return this.#snapshot.rows.get(file) !== undefined || (await otherFiles(this.folder, [file])).has(file);
  }

  async #withMoods(snapshot: Snapshot, moods: MoodsTable | null): Promise<Snapshot> {
    return snapshot.withMoods(
      moods === null ? NO_HAND : await resolveMoods(moods, this.folder, snapshot.rows),
    );
  }

  #replace(snapshot: Snapshot): void {
    const before = this.#snapshot;
    this.#snapshot = snapshot;
    for (const observer of this.#observers) observer(snapshot, before);
  }

  #tellFaults(): void {
    const faults = this.moodFaults;
    const reported = faults.join('\n');
    if (reported === this.#reportedFaults) return;
    this.#reportedFaults = reported;
    if (faults.length > 0) this.#options.onMoodFaults?.(faults);
  }

  /** One after the other. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#loading = this.#loading.then(work);
    return this.#loading;
  }

  close(): void {
    unwatchFile(this.#files.index, this.#onReplaced);
    for (const path of this.#listFiles) unwatchFile(path, this.#onLists);
    unwatchFile(this.#files.moods.path, this.#onMoods);
    this.#observers.clear();
    void this.#release?.then((release) => release());
    this.#release = undefined;
  }
}

function areSame(a: HandList, b: HandList): boolean {
  return a.size === b.size && [...a.keys()].every((content) => b.has(content));
}
