import { resolve } from 'node:path';
import { openEngine, parseEngineName } from '../../models/engine/index.ts';
import { SynestheteError } from '../../models/errors.ts';
import { openModel as openServedModel } from '../../models/families/index.ts';
import { indexGallery, openGallery, type IndexReport as FullReport } from '../../models/gallery/index.ts';
import { type Model as ServedModel } from '../../models/model/index.ts';
import { MoodsFile } from '../../models/moods/index.ts';
import { galleryPlace, ownMoodsFile } from '../built-in/index.ts';
import { galleryOf, type Gallery } from './gallery.ts';
import { predictions, type Prediction, type PredictOptions } from './prediction.ts';

/** What runs the networks. `auto` takes a GPU that is faster than the cpu, and else the cpu. */
export type EngineName = 'auto' | 'cpu' | 'webgpu' | 'cuda' | 'coreml' | 'dml' | 'tensorflow';

/** Options of {@link openModel}. */
export interface ModelOptions {
  /** `auto` unless set. */
  readonly engine?: EngineName;
  /** Threads of the cpu engine; one for each core unless set. */
  readonly threads?: number;
  /** Called with one line that says why engines were passed over. */
  readonly onNotice?: (line: string) => void;
}

/** Options of {@link Model.indexGallery}. */
export interface IndexOptions {
  /** Where the index lies; `.synesthete` in the folder unless set. */
  readonly indexFolder?: string;
  /** The probability of nudity, in [0, 1], from which a picture is marked as unsafe. */
  readonly unsafeThreshold?: number;
  /** Patterns of names to leave out, as in .gitignore; a file `.showignore` in the folder holds such patterns as well. */
  readonly exclude?: readonly string[];
  /** Takes pictures in which there is nothing to see: of one colour, tiny, far too long. */
  readonly allowBlank?: boolean;
  /** Ends the run with the signal's reason. What it has done is kept for the next run. */
  readonly signal?: AbortSignal;
  /** Called as pictures are done. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called with one line about what does not stop the run. */
  readonly onNotice?: (line: string) => void;
}

/** What {@link Model.indexGallery} did. */
export interface IndexReport {
  /** Pictures in the index now. */
  readonly pictures: number;
  /** How many were not in it before. */
  readonly added: number;
  /** How many are no longer in it. */
  readonly removed: number;
  /** Files that are marked as unsafe, the most unsafe first. */
  readonly unsafe: readonly string[];
  /** Files that could not be read, each with the reason in one line. */
  readonly broken: readonly { readonly file: string; readonly reason: string }[];
  /** Pictures that are left out because there is nothing to see in them, each with the reason in one line. */
  readonly blank: readonly { readonly file: string; readonly reason: string }[];
  /** Lines of `moods.csv` that do not count, and why. */
  readonly moodFaults: readonly string[];
}

/** Options of {@link Model.openGallery}. */
export interface GalleryOptions {
  /** Where the index lies; `.synesthete` in the folder unless set. */
  readonly indexFolder?: string;
  /** The probability of nudity, in [0, 1], from which a picture counts as unsafe. */
  readonly unsafeThreshold?: number;
  /** Called with one line about what does not stop the opening, such as lines of `moods.csv` that do not count. */
  readonly onNotice?: (line: string) => void;
}

/** A model that is open. Close it when it is no longer needed: it holds the memory of its networks. */
export interface Model {
  /** Absolute path of its folder. */
  readonly folder: string;
  /** SHA-256 of its weights, in hexadecimal: predictions and indexes of other models do not fit. */
  readonly fingerprint: string;
  /** What runs it, in one line. */
  readonly engine: string;
  /**
   * Predicts valence and arousal of files, in their order: of a picture once, of sound for each clip of 2 s. Files are told apart by their
   * content. Sound is anything that ffmpeg decodes. Memory depends neither on the number of files nor on their length.
   *
   * Moods that a person gave sound in a `moods.csv` do not count here.
   *
   * @throws {@link SynestheteError} `FILE_NOT_FOUND`, `NOT_A_FILE`, `BAD_PICTURE`, `NO_AUDIO`, `DECODE_FAILED`, `BAD_SAMPLES` (unless
   *   `onUnreadable` is given), `PROGRAM_MISSING`, `ENGINE_FAILED`; `USAGE` once the model is closed
   */
  predict(files: string | Iterable<string>, options?: PredictOptions): AsyncIterable<Prediction>;
  /**
   * Makes the index of a folder of pictures, or brings it up to date, as `synesthete index` does. Folders in it are its banks.
   *
   * @throws {@link SynestheteError} `FILE_NOT_FOUND`, `INDEX_BUSY`, `WRITE_FAILED`, `ENGINE_FAILED`; the signal's reason
   */
  indexGallery(folder: string, options?: IndexOptions): Promise<IndexReport>;
  /**
   * Opens the index of a folder of pictures. Without a folder it opens the pictures that are built in, and makes their index
   * where there is none for this model.
   *
   * @throws {@link SynestheteError} `NO_INDEX`, `OTHER_MODEL`, `BAD_INDEX`, `FILE_NOT_FOUND`
   */
  openGallery(folder?: string, options?: GalleryOptions): Promise<Gallery>;
  /** Gives the memory back. Let predictions and index runs end before. */
  close(): Promise<void>;
}

/**
 * Opens a model: the one that is built in, or that in the folder of a `model.json`, such as `synesthete train` writes.
 *
 * @throws {@link SynestheteError} `FILE_NOT_FOUND`, `NOT_A_FILE`, `BAD_MODEL`, `BAD_WEIGHTS`, `OTHER_ARCHITECTURE`, `ENGINE_MISSING`,
 *   `ENGINE_FAILED`; `USAGE` for an unknown engine
 */
export async function openModel(folder?: string, options: ModelOptions = {}): Promise<Model> {
  return new OpenModel(await openOn(folder, options), folder === undefined);
}

/** The model itself, on the engine that was chosen. Throws as {@link openModel}. */
export async function openOn(
  folder: string | undefined,
  { engine = 'auto', threads, onNotice }: ModelOptions,
): Promise<ServedModel> {
  const opened = await openEngine(parseEngineName(engine), { threads, onFallback: onNotice });
  return openServedModel(folder, { engine: opened });
}

/** A model for programs, around one that is served. */
export class OpenModel implements Model {
  readonly folder: string;
  readonly fingerprint: string;
  readonly engine: string;
  readonly #isBuiltIn: boolean;
  #served: ServedModel | undefined;

  constructor(served: ServedModel, isBuiltIn: boolean) {
    this.folder = resolve(served.folder);
    this.fingerprint = served.fingerprint;
    this.engine = served.engine;
    this.#isBuiltIn = isBuiltIn;
    this.#served = served;
  }

  async *predict(
    files: string | Iterable<string>,
    options: PredictOptions = {},
  ): AsyncGenerator<Prediction, void, undefined> {
    yield* predictions(this.#open, typeof files === 'string' ? [files] : files, options);
  }

  async indexGallery(folder: string, options: IndexOptions = {}): Promise<IndexReport> {
    const { onProgress, onNotice, ...others } = options;
    const report = await indexGallery(folder, this.#open, {
      ...others,
      ...(await ownMoodsFile(folder)),
      ...(onNotice !== undefined && { notice: onNotice }),
      onProgress({ stage, done, total }) {
        if (stage === 'reading') onProgress?.(done, total);
      },
    });
    return reportOf(report);
  }

  async openGallery(folder?: string, options: GalleryOptions = {}): Promise<Gallery> {
    const { indexFolder: index, unsafeThreshold, onNotice } = options;
    const served = this.#open;
    const model = this.#isBuiltIn ? undefined : this.folder;
    const place = await galleryPlace(
      { gallery: folder, index, model },
      (use) => use(served),
      (line) => onNotice?.(line),
    );
    const opened = await openGallery(place.folder, {
      model: served,
      ...(place.indexFolder !== undefined && { indexFolder: place.indexFolder }),
      ...(place.moodsFile !== undefined && { moods: new MoodsFile(place.moodsFile) }),
      ...(unsafeThreshold !== undefined && { unsafeThreshold }),
    });
    for (const line of opened.moodFaults) onNotice?.(line);
    return galleryOf(place.folder, opened.snapshot, served);
  }

  async close(): Promise<void> {
    const served = this.#served;
    this.#served = undefined;
    await served?.close();
  }

  get #open(): ServedModel {
    if (this.#served !== undefined) return this.#served;
    throw new SynestheteError('USAGE', 'the model is closed: open it again');
  }
}

function reportOf({
  pictures,
  added,
  forgotten,
  marked,
  broken,
  blank,
  moodFaults,
}: FullReport): IndexReport {
  const unsafe = marked.map(({ file }) => file);
  return { pictures, added, removed: forgotten, unsafe, broken, blank, moodFaults };
}
