import { unwatchFile, watchFile } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { SynestheteError } from '../errors.ts';
import type { Model, Ranking } from '../serving/index.ts';
import { allowedPath, readAllowed } from './allowed.ts';
import { IndexReader } from './index-file.ts';
import { defaultIndexFolder, INDEX_SUFFIX, layoutOf, UNSAFE_THRESHOLD } from './layout.ts';
import { Snapshot } from './snapshot.ts';

export interface GalleryOptions {
  /** The model whose index is opened. */
  readonly model: Pick<Model, 'fingerprint'> & { readonly ranking: Pick<Ranking, 'score' | 'width'> };
  /** Where the index lives; by default `.synesthete` in the gallery. */
  readonly indexFolder?: string;
  /** From this probability on a picture is unsafe; by default UNSAFE_THRESHOLD. */
  readonly unsafeThreshold?: number;
  /** Told in one line when a new index can't be taken up; the pictures stay as they were. */
  readonly notice?: (line: string) => void;
}

/** How often it is looked whether the index was replaced. */
const LOOK_EVERY_MS = 500;

export type GalleryObserver = (snapshot: Snapshot, before: Snapshot) => void;

/**
 * Opens the index of a gallery.
 * @param gallery folder of pictures
 * @throws SynestheteError NO_INDEX, OTHER_MODEL, BAD_INDEX
 */
export async function openGallery(gallery: string, options: GalleryOptions): Promise<Gallery> {
  const folder = options.indexFolder ?? defaultIndexFolder(gallery);
  const { index } = layoutOf(folder, options.model);
  const load = (): Promise<Snapshot> => readSnapshot(gallery, folder, index, options);
  const watched = [index, allowedPath(folder)];
  return new Gallery(gallery, watched, await load(), load, options.notice);
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
    const allowed = await readAllowed(folder);
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

/**
 * The pictures of a gallery, which may become others while a show runs: `snapshot` is always whole, and is replaced in
 * one step when the index was.
 */
export class Gallery {
  /** The folder of pictures. */
  readonly folder: string;
  #snapshot: Snapshot;
  readonly #watched: readonly string[];
  readonly #load: () => Promise<Snapshot>;
  readonly #notice: ((line: string) => void) | undefined;
  readonly #observers = new Set<GalleryObserver>();
  #isFollowing = false;
  #loading: Promise<void> = Promise.resolve();

  constructor(
    folder: string,
    watched: readonly string[],
    snapshot: Snapshot,
    load: () => Promise<Snapshot>,
    notice?: (line: string) => void,
  ) {
    this.folder = folder;
    this.#watched = watched;
    this.#snapshot = snapshot;
    this.#load = load;
    this.#notice = notice;
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /**
   * Takes up each new index, and each new list of allowed pictures, that `synesthete index` writes, this process's or
   * another's, until the gallery is closed.
   * @returns ends the observation
   */
  follow(observer: GalleryObserver): () => void {
    this.#observers.add(observer);
    if (!this.#isFollowing) {
      this.#isFollowing = true;
      for (const path of this.#watched) {
        watchFile(path, { interval: LOOK_EVERY_MS, persistent: false }, this.#onReplaced);
      }
    }
    return () => {
      this.#observers.delete(observer);
    };
  }

  readonly #onReplaced = (now: { readonly mtimeMs: number }): void => {
    if (now.mtimeMs > 0) void this.reload();
  };

  /** Reads the index again. What is wrong with it is told, and the snapshot stays. */
  reload(): Promise<void> {
    this.#loading = this.#loading.then(async () => {
      try {
        const before = this.#snapshot;
        this.#snapshot = await this.#load();
        for (const observer of this.#observers) observer(this.#snapshot, before);
      } catch (error) {
        this.#notice?.(error instanceof Error ? error.message : String(error));
      }
    });
    return this.#loading;
  }

  close(): void {
    for (const path of this.#watched) unwatchFile(path, this.#onReplaced);
    this.#observers.clear();
  }
}
