import { mkdir, stat } from 'node:fs/promises';
import { SynestheteError } from '../errors.ts';
import { UNSAFE_THRESHOLD, type Model } from '../model/index.ts';
import { defaultMoodsFile, MoodsFile } from '../moods/index.ts';
import { writeFailure } from '../write-whole.ts';
import { changeAllowed, type AllowChanges } from './allowed.ts';
import type { Entry } from './entries.ts';
import { FileRows } from './file-rows.ts';
import { FormerIndex } from './former.ts';
import { Journal } from './journal.ts';
import { defaultIndexFolder, layoutOf, RENDITION_SIDE, THUMBNAIL_SIDE, type IndexLayout } from './layout.ts';
import { takeLock } from './lock.ts';
import { GalleryReading, type ReadingOptions } from './reading.ts';
import { noteRefined } from './refined.ts';
import { resolveMoods } from './resolved-moods.ts';
import { scanGallery, type BrokenFile, type Scan } from './scan.ts';
import { SIGNATURE_BYTES } from './signature.ts';
import { sweep } from './sweep.ts';
import { writeEntries } from './write.ts';

export interface IndexOptions extends ReadingOptions, AllowChanges {
  /** From this probability on a picture is marked as unsafe; by default UNSAFE_THRESHOLD. */
  readonly unsafeThreshold?: number;
  /** Where the index lives; by default `.synesthete` in the gallery. */
  readonly indexFolder?: string;
  /** The table of moods by hand; by default `moods.csv` in the gallery. */
  readonly moodsFile?: string;
  /** Told in one line what a person should know although the run goes on. */
  readonly notice?: (line: string) => void;
}

export interface IndexReport {
  /** In the index now. */
  readonly pictures: number;
  readonly banks: readonly string[];
  /** Pictures that were not in the index before, those with a new content under an old name included. */
  readonly added: number;
  /** Pictures that are no longer in the index. */
  readonly forgotten: number;
  /** Pictures that the model had to look at. */
  readonly read: number;
  /** How many are marked as unsafe. */
  readonly unsafe: number;
  /** Those, the most unsafe first, with the probability of each. */
  readonly marked: readonly { readonly file: string; readonly unsafe: number }[];
  /** Files that would be marked, and are allowed. */
  readonly allowed: readonly string[];
  /** Pictures whose mood is a hand's. */
  readonly byHand: number;
  /** What of that table doesn't count, a line each. */
  readonly moodFaults: readonly string[];
  /** Pictures that are exact copies of an earlier one. */
  readonly exactCopies: number;
  /** Pictures that are near copies of an earlier one, without the exact ones. */
  readonly nearCopies: number;
  readonly broken: readonly BrokenFile[];
  /** Files that are no pictures and don't pretend to be. */
  readonly passedOver: number;
  /** The gallery's folders, as absolute paths. */
  readonly folders: readonly string[];
  /** Whether the index was replaced. */
  readonly hasChanged: boolean;
}

/**
 * Makes the index of a gallery, or brings it up to date: pictures that are new or changed are decoded once, rendered
 * for displays and read by the model; all others are taken from the index before and from the journal of a run that
 * didn't end. The new index takes the place of the old one in one step. A file that can't be read is reported and
 * stops nothing.
 * @param gallery folder of pictures; the folders in it are its banks
 * @throws SynestheteError FILE_NOT_FOUND when the gallery can't be read, INDEX_BUSY, WRITE_FAILED, ENGINE_FAILED; the
 *   signal's reason when it ends the run; USAGE when a picture to be allowed or forbidden is not in the index, which is
 *   then up to date
 */
export async function indexGallery(
  gallery: string,
  model: Model,
  options: IndexOptions = {},
): Promise<IndexReport> {
  const layout = layoutOf(options.indexFolder ?? defaultIndexFolder(gallery), model);
  await checkGallery(gallery);
  await makeFolder(layout.folder);
  const release = await takeLock(layout.lock);
  try {
    const former = await FormerIndex.open(layout.index, options.notice);
    try {
      return await run(gallery, model, layout, former, options);
    } finally {
      await former.close();
    }
  } finally {
    await release();
  }
}

async function checkGallery(gallery: string): Promise<void> {
  const found = await stat(gallery).catch((cause: unknown) => {
    throw new SynestheteError('FILE_NOT_FOUND', `there is no gallery ${gallery}: name a folder of pictures`, {
      cause,
    });
  });
  if (!found.isDirectory()) {
    throw new SynestheteError('FILE_NOT_FOUND', `${gallery} is no folder: name a folder of pictures`);
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const failure = writeFailure(folder, error);
    throw new SynestheteError('WRITE_FAILED', `${failure.message} (--index names another folder)`, {
      cause: error,
    });
  }
}

async function run(
  gallery: string,
  model: Model,
  layout: IndexLayout,
  former: FormerIndex,
  options: IndexOptions,
): Promise<IndexReport> {
  const scan = await scanGallery(gallery, layout.folder);
  const { width, height, kernel = null } = model.pictureInput;
  const journal = await Journal.open(
    layout.journal,
    JSON.stringify([
      3,
      model.fingerprint,
      width,
      height,
      kernel,
      RENDITION_SIDE,
      THUMBNAIL_SIDE,
      SIGNATURE_BYTES,
    ]),
  );
  try {
    if (model.refines) {
      await noteRefined(layout.folder, model.refines, { files: scan.files, former, journal }, options);
    }
    const prediction = new GalleryReading(gallery, model, layout.folder, former, journal, options);
    const found = await prediction.readAll(scan);
    const entries = withKept(found.entries, former, scan);
    const written = await writeEntries(layout, model, entries, former, journal, options.notice);
    await sweep(layout.folder, (name) => former.hasContentName(name));
    await journal.remove();
    return {
      ...written,
      ...(await marksOf(gallery, layout.folder, entries, options)),
      ...(await moodsOf(gallery, entries, options)),
      read: found.read,
      broken: [...scan.unreadable, ...found.broken],
      passedOver: found.passedOver,
      folders: scan.folders,
    };
  } catch (error) {
    await journal.close();
    throw error;
  }
}

async function marksOf(
  gallery: string,
  indexFolder: string,
  entries: readonly Entry[],
  options: IndexOptions,
): Promise<Pick<IndexReport, 'unsafe' | 'marked' | 'allowed'>> {
  const { unsafeThreshold = UNSAFE_THRESHOLD } = options;
  const allowed = await changeAllowed(gallery, indexFolder, entries, options);
  const unsafe = entries.filter((entry) => Math.fround(entry.unsafe) >= unsafeThreshold);
  const marked = unsafe
    .filter(({ content }) => !allowed.has(content))
    .map((entry) => ({ file: entry.file, unsafe: entry.unsafe }))
    .sort((a, b) => b.unsafe - a.unsafe);
  return {
    unsafe: marked.length,
    marked,
    allowed: unsafe.filter(({ content }) => allowed.has(content)).map(({ file }) => file),
  };
}

/** The index holds what the model reads; whoever opens it puts the moods by hand in its place. */
async function moodsOf(
  gallery: string,
  entries: readonly Entry[],
  { moodsFile = defaultMoodsFile(gallery) }: IndexOptions,
): Promise<Pick<IndexReport, 'byHand' | 'moodFaults'>> {
  try {
    const table = await new MoodsFile(moodsFile).read();
    if (table === null) return { byHand: 0, moodFaults: [] };
    const rows = new FileRows(entries.map(({ file }) => file));
    const { byRow, faults } = await resolveMoods(table, gallery, rows);
    return { byHand: byRow.size, moodFaults: faults };
  } catch (error) {
    if (!(error instanceof SynestheteError)) throw error;
    return { byHand: 0, moodFaults: [error.message] };
  }
}

/** Pictures in a folder that can't be read just now are not gone. */
function withKept(entries: Entry[], former: FormerIndex, { unreadable }: Scan): Entry[] {
  const kept = unreadable.flatMap(({ file }) => former.below(file));
  if (kept.length === 0) return entries;
  return [...entries, ...kept].sort((a, b) => (a.file < b.file ? -1 : 1));
}
