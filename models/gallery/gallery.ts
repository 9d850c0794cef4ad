import { unwatchFile, watchFile } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { SynestheteError, messageOf } from '../errors.ts';
import { UNSAFE_THRESHOLD, type Model, type Ranking } from '../model/index.ts';
import { defaultMoodsFile, MoodsFile, type MoodsTable } from '../moods/index.ts';
import { handListPath, readHandList } from './hand-lists.ts';
import { markUsed } from './in-use.ts';
import { IndexReader } from './index-file.ts';
import { defaultIndexFolder, INDEX_SUFFIX, layoutOf } from './layout.ts';
import { NO_HAND, otherFiles, resolveMoods } from './resolved-moods.ts';
import { Snapshot } from './snapshot.ts';

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

/**
 * Opens the index of a gallery, with the table of moods beside the pictures. A table that can't be read or parsed is
 * reported and stops nothing: at first none of its moods counts, later the last valid ones stay.
 * @param gallery folder of pictures
 * @throws SynestheteError NO_INDEX, OTHER_MODEL, BAD_INDEX
 */
export async function openGallery(gallery: string, options: GalleryOptions): Promise<Gallery> {
  const folder = options.indexFolder ?? defaultIndexFolder(gallery);
  const { index } = layoutOf(folder, options.model);
  const load = (): Promise<Snapshot> => readSnapshot(gallery, folder, index, options);
  const places = {
    index,
    allowed: handListPath(folder, 'allowed'),
    moods: options.moods ?? new MoodsFile(defaultMoodsFile(gallery)),
  };
  const opened = new Gallery(gallery, places, await load(), load, options);
  await opened.reloadMoods();
  return opened;
}

async function readSnapshot(
  gallery: string,
  folder: string,
  index: string,
  { model, unsafeThreshold = UNSAFE_THRESHOLD }: GalleryOptions,
): Promise<Snapshot> {
  let reader: IndexReader;
  try {
    reader = await IndexReader.open(index);
  } catch (error) {
    throw error instanceof SynestheteError && error.code === 'FILE_NOT_FOUND'
      ? await whyMissing(gallery, folder, error)
      : error;
  }
  try {
    const { fingerprint, score, width } = reader.directory.model;
    const { ranking } = model;
    if (fingerprint !== model.fingerprint || score !== ranking.score || width !== ranking.width) {
      throw otherModel(gallery);
    }
    const allowed = await readHandList(folder, 'allowed');
    return await Snapshot.read(reader, ranking, { indexFolder: folder, unsafeThreshold, allowed });
  } finally {
    await reader.close();
  }
}

async function whyMissing(gallery: string, folder: string, cause: SynestheteError): Promise<SynestheteError> {
  const found = await stat(gallery).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    return new SynestheteError('FILE_NOT_FOUND', `there is no gallery ${gallery}: name a folder of pictures`);
  }
  const names = await readdir(folder).catch(() => []);
  if (names.some((name) => name.endsWith(INDEX_SUFFIX))) return otherModel(gallery);
  return new SynestheteError(
    'NO_INDEX',
    `${gallery} has no index yet: run "synesthete index ${gallery}" first`,
    {
      cause,
    },
  );
}

function otherModel(gallery: string): SynestheteError {
  return new SynestheteError(
    'OTHER_MODEL',
    `the index of ${gallery} was made with another model: run "synesthete index ${gallery}" with this one (both are kept)`,
  );
}

interface GalleryFiles {
  readonly index: string;
  readonly allowed: string;
  readonly moods: MoodsFile;
}

/**
 * The pictures of a gallery, which may change during a show: `snapshot` is always complete, and is replaced in one step
 * when the index or the table of moods changes.
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
   * Reads each new index and each new list of allowed pictures that `synesthete index` writes, in this process or
   * another, and each change of the table of moods, until the gallery is closed. Until then no run removes the index.
   * @returns ends the observation
   */
  follow(observer: GalleryObserver): () => void {
    this.#observers.add(observer);
    if (!this.#isFollowing) {
      this.#isFollowing = true;
      this.#release = markUsed(this.#files.index);
      const options = { interval: LOOK_EVERY_MS, persistent: false };
      for (const path of this.#indexFiles) watchFile(path, options, this.#onReplaced);
      watchFile(this.#files.moods.path, options, this.#onMoods);
      // Nothing else notices changes between the opening and now.
      void this.reloadMoods();
    }
    return () => {
      this.#observers.delete(observer);
    };
  }

  get #indexFiles(): readonly string[] {
    return [this.#files.index, this.#files.allowed];
  }

  readonly #onReplaced = (now: { readonly mtimeMs: number }): void => {
    if (now.mtimeMs > 0) void this.reload();
  };

  // A deleted table is a change as well.
  readonly #onMoods = (): void => void this.reloadMoods();

  /** Reads the index again. Reports what is wrong with it and keeps the snapshot. */
  reload(): Promise<void> {
    return this.#inTurn(async () => {
      try {
        const snapshot = await this.#load();
        this.#replace(this.#moods === null ? snapshot : await this.#withMoods(snapshot, this.#moods));
        this.#tellFaults();
      } catch (error) {
        this.#options.notice?.(messageOf(error));
      }
    });
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
    for (const path of this.#indexFiles) unwatchFile(path, this.#onReplaced);
    unwatchFile(this.#files.moods.path, this.#onMoods);
    this.#observers.clear();
    void this.#release?.then((release) => release());
    this.#release = undefined;
  }
}
