import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SynestheteError } from '../errors.ts';
import type { Model, PicturePrediction } from '../model/index.ts';
import { beginsAsPicture } from '../pictures/index.ts';
import { Budget, mapAhead } from './budget.ts';
import type { Entry } from './entries.ts';
import type { FormerIndex } from './former.ts';
import type { FindingSummary, Journal, SeenFile } from './journal.ts';
import { CONTENT_NAME_DIGITS, contentNameOf, listRenditions } from './layout.ts';
import { preparePicture, type PreparedPicture } from './prepare.ts';
import type { BrokenFile, Scan } from './scan.ts';

interface IndexProgress {
  /** `refining`: moods that follow from those of the model before; `reading`: files that had to be read. */
  readonly stage: 'refining' | 'reading';
  readonly done: number;
  readonly total: number;
}

export interface ReadingOptions {
  /** Pictures given to the model at once; by default 4. */
  readonly batch?: number;
  readonly onProgress?: (progress: IndexProgress) => void;
  /** Ends the run. What it has done so far is kept for the next one. */
  readonly signal?: AbortSignal;
  /** Files that were found broken by an earlier run of this process, and are not tried again until they change. */
  readonly knownBroken?: Map<string, SeenFile & BrokenFile>;
}

const BATCH = 4;
/** So many pictures are prepared while the model is busy. */
const LANES = 12;
const READING_BYTES = 512 * 2 ** 20;
const DECODING_BYTES = 768 * 2 ** 20;

/** Names of files that are told as broken when they are no pictures; others are passed over. */
const PICTURE_NAME = /\.(?:jpe?g|jpe|jfif|png|webp|avif|tiff?|gif|hei[cf]|svg|bmp|jxl|jp2|psd)$/iu;

const FAULTS_OF_A_FILE: ReadonlySet<string> = new Set([
  'BAD_PICTURE',
  'BAD_ENCODER',
  'FILE_NOT_FOUND',
  'NOT_A_FILE',
]);

type Prepared = PreparedPicture & { readonly seen: SeenFile };

/** One run's way through the files of a gallery: what is known is taken over, the rest is decoded and read. */
export class GalleryReading {
  readonly #entries: Entry[] = [];
  readonly #broken: BrokenFile[] = [];
  #passedOver = 0;
  #read = 0;
  #renditions: ReadonlySet<string> = new Set();

  readonly #gallery: string;
  readonly #model: Model;
  readonly #indexFolder: string;
  readonly #former: FormerIndex;
  readonly #journal: Journal;
  readonly #options: ReadingOptions;

  constructor(
    gallery: string,
    model: Model,
    indexFolder: string,
    former: FormerIndex,
    journal: Journal,
    options: ReadingOptions,
  ) {
    this.#gallery = gallery;
    this.#model = model;
    this.#indexFolder = indexFolder;
    this.#former = former;
    this.#journal = journal;
    this.#options = options;
  }

  async readAll({ files }: Scan) {
    this.#renditions = await existingRenditions(this.#indexFolder);
    const unknown = files.filter((seen) => !this.#takeKnown(seen));
    let done = 0;
    const tell = (more: number): void => {
      done += more;
      this.#options.onProgress?.({ stage: 'reading', done, total: unknown.length });
    };
    tell(0);
    let batch: Prepared[] = [];
    const lanes = mapAhead(unknown, LANES, async (seen) => ({ seen, prepared: await this.#prepare(seen) }));
    for await (const { seen, prepared } of lanes) {
      this.#options.signal?.throwIfAborted();
      if (prepared === undefined) {
        tell(1);
        continue;
      }
      batch.push({ seen, ...prepared });
      if (batch.length < (this.#options.batch ?? BATCH)) continue;
      await this.#readBatch(batch);
      tell(batch.length);
      batch = [];
    }
    await this.#readBatch(batch);
    tell(batch.length);
    this.#entries.sort((a, b) => (a.file < b.file ? -1 : 1));
    return {
      entries: this.#entries,
      broken: this.#broken,
      passedOver: this.#passedOver,
      read: this.#read,
    };
  }

  /** Takes what is known of a file by its name, length and time, without opening it. */
  #takeKnown(seen: SeenFile): boolean {
    const isSame = (other: SeenFile | undefined): boolean =>
      other?.bytes === seen.bytes && other.modifiedMs === seen.modifiedMs;
    const former = this.#former.byFile(seen.file);
    const noted = this.#journal.seen.get(seen.file);
    const content = isSame(noted) ? noted?.content : isSame(former) ? former?.content : undefined;
    if (content !== undefined && this.#takeContent(seen, content)) return true;
    const broken = this.#options.knownBroken?.get(seen.file);
    if (broken === undefined || !isSame(broken)) return false;
    this.#broken.push({ file: broken.file, reason: broken.reason });
    return true;
  }

  #takeContent(seen: SeenFile, content: string): boolean {
    if (!this.#renditions.has(content.slice(0, CONTENT_NAME_DIGITS))) return false;
    const entry = this.#findingOf(content);
    if (entry === undefined) return false;
    this.#entries.push({ ...entry, ...seen });
    return true;
  }

  #findingOf(content: string): (FindingSummary & Pick<Entry, 'embedding'>) | undefined {
    const noted = this.#journal.found.get(content);
    if (noted === undefined) return this.#former.byContent(content);
    const { embeddingPlace, ...finding } = noted;
    return { ...finding, embedding: { inJournal: embeddingPlace } };
  }

  readonly #prediction = new Budget(READING_BYTES);
  readonly #decoding = new Budget(DECODING_BYTES);

  /** @returns undefined for what is no picture, which is noted */
  async #prepare(seen: SeenFile): Promise<PreparedPicture | undefined> {
    // Those that are under way when the run is ended are not begun.
    if (this.#options.signal?.aborted === true) return undefined;
    try {
      return await preparePicture(seen, {
        gallery: this.#gallery,
        indexFolder: this.#indexFolder,
        pictureInput: this.#model.pictureInput,
        prediction: this.#prediction,
        decoding: this.#decoding,
        isKnown: (content) =>
          this.#renditions.has(content.slice(0, CONTENT_NAME_DIGITS)) &&
          this.#findingOf(content) !== undefined,
      });
    } catch (error) {
      if (!(error instanceof SynestheteError) || !FAULTS_OF_A_FILE.has(error.code)) throw error;
      await this.#noteBroken(seen, error);
      return undefined;
    }
  }

  async #noteBroken(seen: SeenFile, error: SynestheteError): Promise<void> {
    const path = join(this.#gallery, seen.file);
    if ((await stat(path).catch(() => undefined)) === undefined) return; // It was taken away meanwhile.
    if (!PICTURE_NAME.test(seen.file) && error.code === 'BAD_PICTURE' && !(await beginsAsPicture(path))) {
      this.#passedOver++;
      return;
    }
    const reason = error.message.startsWith(path) ? error.message.slice(path.length).trim() : error.message;
    this.#broken.push({ file: seen.file, reason });
    this.#options.knownBroken?.set(seen.file, { ...seen, reason });
  }

  /** @returns of each picture what the model reads in it; undefined where it fails at that picture, which is noted */
  async #readingsOf(
    pictures: readonly { readonly seen: SeenFile; readonly input: Uint8Array }[],
  ): Promise<(PicturePrediction | undefined)[]> {
    if (pictures.length === 0) return [];
    try {
      return await this.#model.embedPictures(pictures.map(({ input }) => input));
    } catch (error) {
      if (!(error instanceof SynestheteError) || !FAULTS_OF_A_FILE.has(error.code)) throw error;
      if (pictures.length === 1) {
        await this.#noteBroken(pictures[0]!.seen, error);
        return [undefined];
      }
    }
    const predictions: (PicturePrediction | undefined)[] = [];
    for (const picture of pictures) predictions.push(...(await this.#readingsOf([picture])));
    return predictions;
  }

  async #readBatch(batch: readonly Prepared[]): Promise<void> {
    const unread = batch.flatMap(({ seen, content, decoded }) =>
      decoded !== undefined && this.#findingOf(content) === undefined ? [{ seen, content, decoded }] : [],
    );
    const predictions = await this.#readingsOf(
      unread.map(({ seen, decoded }) => ({ seen, input: decoded.input })),
    );
    this.#read += predictions.filter(Boolean).length;
    const byContent = new Map(
      unread.flatMap(({ content, decoded }, i) => {
        const prediction = predictions[i];
        return prediction === undefined ? [] : [[content, { ...decoded, ...prediction }] as const];
      }),
    );
    for (const { seen, content } of batch) {
      const finding = byContent.get(content);
      if (finding === undefined && this.#findingOf(content) === undefined) continue; // It was noted as broken.
      await this.#journal.add(seen, content, finding && { ...finding, content });
      byContent.delete(content);
      this.#entries.push({ ...this.#findingOf(content)!, ...seen });
    }
  }
}

/** @returns the content names of pictures that have both a rendition and a thumbnail */
async function existingRenditions(folder: string): Promise<Set<string>> {
  const whole = (path: string): boolean => path.endsWith('.jpg');
  const [renditions, thumbnails] = await Promise.all(
    (['renditions', 'thumbnails'] as const).map((kind) => listRenditions(folder, kind)),
  );
  const small = new Set(thumbnails!.filter(whole).map(contentNameOf));
  return new Set(
    renditions!
      .filter(whole)
      .map(contentNameOf)
      .filter((name) => small.has(name)),
  );
}
