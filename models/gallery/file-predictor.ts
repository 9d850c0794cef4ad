import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SynestheteError } from '../errors.ts';
import type { PicturePrediction } from '../model/index.ts';
import { beginsAsPicture } from '../pictures/index.ts';
import { Budget, mapAhead } from './budget.ts';
import type { Entry } from './entries.ts';
import type { FindingSummary, SeenFile } from './journal.ts';
import { CONTENT_NAME_DIGITS, contentNameOf, listRenditions } from './layout.ts';
import { preparePicture, type PreparedPicture } from './prepare.ts';
import type { IndexRun } from './run.ts';
import type { BrokenFile, Scan } from './scan.ts';

const BATCH = 4;
/** Pictures that are prepared while the model is busy. */
const LANES = 12;
const READING_BYTES = 512 * 2 ** 20;
const DECODING_BYTES = 768 * 2 ** 20;

/** Files with these names are reported as broken when they are no pictures; others are passed over. */
const PICTURE_NAME = /\.(?:jpe?g|jpe|jfif|png|webp|avif|tiff?|gif|hei[cf]|svg|bmp|jxl|jp2|psd)$/iu;

const FAULTS_OF_A_FILE: ReadonlySet<string> = new Set([
  'BAD_PICTURE',
  'BAD_ENCODER',
  'FILE_NOT_FOUND',
  'NOT_A_FILE',
]);

type Prepared = PreparedPicture & { readonly seen: SeenFile };

/** Goes through the files of a gallery: takes what is known of them, decodes the others and runs the model on them. */
export class FilePredictor {
  readonly #entries: Entry[] = [];
  readonly #broken: BrokenFile[] = [];
  #passedOver = 0;
  #read = 0;
  #renditions: ReadonlySet<string> = new Set();

  readonly #run: IndexRun;

  constructor(run: IndexRun) {
    this.#run = run;
  }

  async predictAll({ files }: Scan) {
    const { layout, options } = this.#run;
    this.#renditions = await existingRenditions(layout.folder);
    const unknown = files.filter((seen) => !this.#takeKnown(seen));
    let done = 0;
    const advance = (more: number): void => {
      done += more;
      options.onProgress?.({ stage: 'reading', done, total: unknown.length });
    };
    advance(0);
    let batch: Prepared[] = [];
    const lanes = mapAhead(unknown, LANES, async (seen) => ({ seen, prepared: await this.#prepare(seen) }));
    for await (const { seen, prepared } of lanes) {
      options.signal?.throwIfAborted();
      if (prepared === undefined) {
        advance(1);
        continue;
      }
      batch.push({ seen, ...prepared });
      if (batch.length < (options.batch ?? BATCH)) continue;
      await this.#predictBatch(batch);
      advance(batch.length);
      batch = [];
    }
    await this.#predictBatch(batch);
    advance(batch.length);
    this.#entries.sort((a, b) => (a.file < b.file ? -1 : 1));
    return {
      entries: this.#entries,
      broken: this.#broken,
      passedOver: this.#passedOver,
      read: this.#read,
    };
  }

  /** Takes a file that is known by its name, length and time, without opening it. */
  #takeKnown(seen: SeenFile): boolean {
    const isSame = (other: SeenFile | undefined): boolean =>
      other?.bytes === seen.bytes && other.modifiedMs === seen.modifiedMs;
    const { previousIndex, journal, options } = this.#run;
    const previous = previousIndex.byFile(seen.file);
    const noted = journal.seen.get(seen.file);
    const content = isSame(noted) ? noted?.content : isSame(previous) ? previous?.content : undefined;
    if (content !== undefined && this.#takeContent(seen, content)) return true;
    const broken = options.knownBroken?.get(seen.file);
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
    const noted = this.#run.journal.found.get(content);
    if (noted === undefined) return this.#run.previousIndex.byContent(content);
    const { embeddingPlace, ...finding } = noted;
    return { ...finding, embedding: { inJournal: embeddingPlace } };
  }

  readonly #reading = new Budget(READING_BYTES);
  readonly #decoding = new Budget(DECODING_BYTES);

  /** @returns undefined for a file that is no picture; it is noted */
  async #prepare(seen: SeenFile): Promise<PreparedPicture | undefined> {
    // An ended run starts no further file.
    if (this.#run.options.signal?.aborted === true) return undefined;
    try {
      return await preparePicture(seen, {
        gallery: this.#run.gallery,
        indexFolder: this.#run.layout.folder,
        pictureInput: this.#run.model.pictureInput,
        reading: this.#reading,
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
    const path = join(this.#run.gallery, seen.file);
    if ((await stat(path).catch(() => undefined)) === undefined) return; // Removed meanwhile.
    if (!PICTURE_NAME.test(seen.file) && error.code === 'BAD_PICTURE' && !(await beginsAsPicture(path))) {
      this.#passedOver++;
      return;
    }
    const reason = error.message.startsWith(path) ? error.message.slice(path.length).trim() : error.message;
    this.#broken.push({ file: seen.file, reason });
    this.#run.options.knownBroken?.set(seen.file, { ...seen, reason });
  }

  /** @returns the model's prediction for each picture; undefined where the model fails on it, which is noted */
  async #predict(
    pictures: readonly { readonly seen: SeenFile; readonly input: Uint8Array }[],
  ): Promise<(PicturePrediction | undefined)[]> {
    if (pictures.length === 0) return [];
    try {
      return await this.#run.model.embedPictures(pictures.map(({ input }) => input));
    } catch (error) {
      if (!(error instanceof SynestheteError) || !FAULTS_OF_A_FILE.has(error.code)) throw error;
      if (pictures.length === 1) {
        await this.#noteBroken(pictures[0]!.seen, error);
        return [undefined];
      }
    }
    const predictions: (PicturePrediction | undefined)[] = [];
    for (const picture of pictures) predictions.push(...(await this.#predict([picture])));
    return predictions;
  }

  async #predictBatch(batch: readonly Prepared[]): Promise<void> {
    const unread = batch.flatMap(({ seen, content, decoded }) =>
      decoded !== undefined && this.#findingOf(content) === undefined ? [{ seen, content, decoded }] : [],
    );
    const predictions = await this.#predict(
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
      if (finding === undefined && this.#findingOf(content) === undefined) continue; // Noted as broken.
      await this.#run.journal.add(seen, content, finding && { ...finding, content });
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
