import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SynestheteError } from '../errors.ts';
import type { PicturePrediction } from '../model/index.ts';
import { beginsAsPicture } from '../pictures/index.ts';
import { Budget, mapAhead } from './budget.ts';
import type { Entry } from './entries.ts';
import { isUnchanged, seenOf, type FindingSummary, type SeenFile } from './journal.ts';
import { CONTENT_NAME_DIGITS, contentNameOf, listRenditions } from './layout.ts';
import { preparePicture, type PreparedPicture } from './prepare.ts';
import type { IndexRun } from './run.ts';
import type { BrokenFile, Scan } from './scan.ts';
import { nothingToSee } from './visible.ts';

const BATCH = 4;
/** Pictures that are prepared while the model is busy. */
const LANES = 12;
const READING_BYTES = 512 * 2 ** 20;
const DECODING_BYTES = 768 * 2 ** 20;

/** Files with these names are reported as broken when they are no pictures; others are passed over. */
const PICTURE_NAME =
  /\.(?:jpe?g|jpe|jfif|png|webp|avif|tiff?|gif|hei[cf]|svg|bmp|jxl|jp2|psd|dng|cr[23]|nef|arw|orf|rw2|raf|pef|srw|x3f)$/iu;

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
  readonly #blank: BrokenFile[] = [];
  readonly #damaged: BrokenFile[] = [];
  #passedOver = 0;
  #predicted = 0;
  #renditions: ReadonlySet<string> = new Set();
  /** Contents that this run decodes, and the file that each is decoded for. */
  readonly #decodedFor = new Map<string, string>();
  readonly #copies: { readonly seen: SeenFile; readonly content: string }[] = [];

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
    await this.#read(unknown, advance);
    await this.#takeCopies();
    this.#entries.sort((a, b) => (a.file < b.file ? -1 : 1));
    return {
      entries: this.#entries,
      broken: this.#broken,
      blank: this.#blank,
      damaged: this.#damaged,
      passedOver: this.#passedOver,
      read: this.#predicted,
    };
  }

  async #read(files: readonly SeenFile[], advance: (more: number) => void): Promise<void> {
    const { options } = this.#run;
    let batch: Prepared[] = [];
    const lanes = mapAhead(files, LANES, async (seen) => ({ seen, prepared: await this.#prepare(seen) }));
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
  }

  /** Takes the files whose content was being decoded for another one when they were read. */
  async #takeCopies(): Promise<void> {
    while (this.#copies.length > 0) {
      const abandoned: SeenFile[] = [];
      for (const { seen, content } of this.#copies.splice(0)) {
        const first = this.#decodedFor.get(content);
        const isFirst = ({ file }: BrokenFile): boolean => file === first;
        const [broken, blank] = [this.#broken.find(isFirst), this.#blank.find(isFirst)];
        const fault = broken ?? blank;
        if (this.#findingOf(content) !== undefined) await this.#addEntry(seen, content);
        else if (fault !== undefined) this.#addFault(seen, fault.reason, fault === blank);
        else {
          // The other file was gone before it was done.
          this.#decodedFor.delete(content);
          abandoned.push(seen);
        }
      }
      await this.#read(abandoned, () => undefined);
    }
  }

  /** Takes a file that has not changed since it was read, without opening it. */
  #takeKnown(seen: SeenFile): boolean {
    const { previousIndex, journal, options } = this.#run;
    const noted = journal.seen.get(seen.file);
    const previous = options.again === true ? undefined : previousIndex.byFile(seen.file);
    const known = [noted, previous].find((before) => isUnchanged(before, seen));
    if (known !== undefined && this.#takeContent(seen, known.content)) return true;
    const fault = options.knownFaults?.get(seen.file);
    if (fault === undefined || !isUnchanged(fault, seen)) return false;
    this.#addFault(seen, fault.reason, fault.isBlank);
    return true;
  }

  #takeContent(seen: SeenFile, content: string): boolean {
    if (!this.#renditions.has(content.slice(0, CONTENT_NAME_DIGITS))) return false;
    const entry = this.#findingOf(content);
    if (entry === undefined) return false;
    this.#take({ ...entry, ...seen });
    return true;
  }

  #findingOf(content: string): (FindingSummary & Pick<Entry, 'embedding'>) | undefined {
    const { journal, previousIndex, options } = this.#run;
    const noted = journal.found.get(content);
    if (noted === undefined) return options.again === true ? undefined : previousIndex.byContent(content);
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
        isNew: (content) => this.#beginContent(content, seen),
      });
    } catch (error) {
      if (!(error instanceof SynestheteError) || !FAULTS_OF_A_FILE.has(error.code)) throw error;
      await this.#noteBroken(seen, error);
      return undefined;
    }
  }

  /** Whether a content must be decoded, which this file is then to do. */
  #beginContent(content: string, { file }: SeenFile): boolean {
    const hasRendition = this.#renditions.has(content.slice(0, CONTENT_NAME_DIGITS));
    if (hasRendition && this.#findingOf(content) !== undefined) return false;
    if (this.#decodedFor.has(content)) return false;
    this.#decodedFor.set(content, file);
    return true;
  }

  async #noteBroken(seen: SeenFile, error: SynestheteError): Promise<void> {
    const path = join(this.#run.gallery, seen.file);
    if ((await stat(path).catch(() => undefined)) === undefined) return; // Removed meanwhile.
    if (!PICTURE_NAME.test(seen.file) && error.code === 'BAD_PICTURE' && !(await beginsAsPicture(path))) {
      this.#passedOver++;
      return;
    }
    const reason = error.message.startsWith(path) ? error.message.slice(path.length).trim() : error.message;
    this.#addFault(seen, reason, false);
  }

  #addFault(seen: SeenFile, reason: string, isBlank: boolean): void {
    const fault = { file: seen.file, reason };
    (isBlank ? this.#blank : this.#broken).push(fault);
    this.#run.options.knownFaults?.set(seen.file, { ...seenOf(seen), reason, isBlank });
  }

  /** Takes a picture into the index, unless there is nothing to see in it. */
  #take(entry: Entry): void {
    const blank = this.#run.options.allowBlank === true ? undefined : nothingToSee(entry);
    if (blank === undefined) this.#entries.push(entry);
    else this.#addFault(entry, blank, true);
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
    this.#predicted += predictions.filter(Boolean).length;
    const byContent = new Map(
      unread.flatMap(({ content, decoded }, i) => {
        const prediction = predictions[i];
        return prediction === undefined ? [] : [[content, { ...decoded, ...prediction }] as const];
      }),
    );
    for (const { seen, content, decoded } of batch) {
      const finding = byContent.get(content);
      if (finding !== undefined) {
        if (finding.lost > 0) this.#addDamaged(seen, finding.lost);
        await this.#run.journal.add(seen, content, { ...finding, content });
        this.#take({ ...this.#findingOf(content)!, ...seen });
      } else if (this.#findingOf(content) !== undefined) await this.#addEntry(seen, content);
      else if (decoded === undefined) this.#copies.push({ seen, content });
      // The others are noted as broken.
    }
  }

  #addDamaged({ file }: SeenFile, lost: number): void {
    const part = `${Math.max(1, Math.round(100 * lost))} %`;
    this.#damaged.push({ file, reason: `it was cut off: ${part} at its end is lost; copy it here again` });
  }

  /** Adds a file whose content is known. */
  async #addEntry(seen: SeenFile, content: string): Promise<void> {
    await this.#run.journal.add(seen, content);
    this.#take({ ...this.#findingOf(content)!, ...seen });
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
