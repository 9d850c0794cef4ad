import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SynestheteError } from '../errors.ts';
import { UNSAFE_THRESHOLD, type Model } from '../model/index.ts';
import { defaultMoodsFile, MoodsFile } from '../moods/index.ts';
import type { Screen } from '../screens.ts';
import { makeFolder } from '../write-folder.ts';
import type { Entry } from './entries.ts';
import { checkPatterns, type ExcludedFiles } from './exclusions.ts';
import { FileRows } from './file-rows.ts';
import { FilePredictor } from './file-predictor.ts';
import { Journal } from './journal.ts';
import { changeHandList, type HandListChanges } from './hand-lists.ts';
import { defaultIndexFolder, layoutOf, RENDITION_SIDE, THUMBNAIL_SIDE } from './layout.ts';
import { takeLock } from './lock.ts';
import { PreviousIndex } from './previous-index.ts';
import { noteRefined } from './refined.ts';
import { renderForScreens } from './renditions/index.ts';
import { resolveMoods } from './resolved-moods.ts';
import type { IndexRun, RunOptions } from './run.ts';
import { scanGallery, type BrokenFile, type Scan } from './scan.ts';
import { SIGNATURE_BYTES } from './signature.ts';
import { sweep } from './sweep.ts';
import { writeEntries } from './write.ts';

export interface IndexOptions extends RunOptions, HandListChanges {
  /** Pictures with at least this probability are marked as unsafe; by default UNSAFE_THRESHOLD. */
  readonly unsafeThreshold?: number;
  /** Folder of the index; by default `.synesthete` in the gallery. */
  readonly indexFolder?: string;
  /** Patterns of names to leave out, as in .gitignore, besides those of .showignore and the known system files. */
  readonly exclude?: readonly string[];
  /** Table of moods set by a person; by default `moods.csv` in the gallery. */
  readonly moodsFile?: string;
  /** Screens that all pictures that may be shown get renditions for; a show makes the others when it wants them. */
  readonly renditions?: readonly Screen[];
}

export interface IndexReport {
  /** In the index now. */
  readonly pictures: number;
  readonly banks: readonly string[];
  /** Pictures that were not in the previous index, including those with new content under an old name. */
  readonly added: number;
  /** Pictures that are no longer in the index. */
  readonly forgotten: number;
  /** Pictures that the model had to look at. */
  readonly read: number;
  /** Renditions for screens that were made. */
  readonly rendered: number;
  /** Pictures marked as unsafe. */
  readonly unsafe: number;
  /** The marked pictures with their probabilities, the most unsafe first. */
  readonly marked: readonly { readonly file: string; readonly unsafe: number }[];
  /** Files that would be marked but are allowed. */
  readonly allowed: readonly string[];
  /** Files that a person has hidden: they are in the index, and never shown. */
  readonly hidden: readonly string[];
  /** Pictures whose mood a person has set. */
  readonly byHand: number;
  /** Rows of the table of moods that don't count, one line each. */
  readonly moodFaults: readonly string[];
  /** Pictures that are exact copies of an earlier one. */
  readonly exactCopies: number;
  /** Pictures that are near copies of an earlier one, without the exact ones. */
  readonly nearCopies: number;
  readonly broken: readonly BrokenFile[];
  /** Pictures that are left out because there is nothing to see in them. */
  readonly blank: readonly BrokenFile[];
  /** Pictures read in this run that were cut off near their end, and are shown without what is lost. */
  readonly damaged: readonly BrokenFile[];
  /** Files that are no pictures and are not named like one. */
  readonly passedOver: number;
  /** What patterns have left out: system files, and those that the user named. */
  readonly excluded: readonly ExcludedFiles[];
  /** The gallery's folders, as absolute paths. */
  readonly folders: readonly string[];
  /** Whether the index was replaced. */
  readonly hasChanged: boolean;
}

/**
 * Makes or updates the index of a gallery. New and changed pictures are decoded once, rendered for displays and given to
 * the model; all others come from the previous index and from the journal of an interrupted run. The new index replaces
 * the old one in one step. A file that can't be read is reported; the run continues.
 * @param gallery folder of pictures; its subfolders are its banks
 * @throws SynestheteError FILE_NOT_FOUND when the gallery can't be read, INDEX_BUSY, WRITE_FAILED, ENGINE_FAILED; the
 *   signal's reason when it ends the run; USAGE when a picture to allow or forbid is not in the index, which is then up to
 *   date
 */
export async function indexGallery(
  gallery: string,
  model: Model,
  options: IndexOptions = {},
): Promise<IndexReport> {
  checkPatterns(options.exclude ?? []);
  const layout = layoutOf(options.indexFolder ?? defaultIndexFolder(gallery), model);
  await checkGallery(gallery);
  await makeFolder(layout.folder, { kind: 'other-index' });
  const release = await takeLock(layout.lock);
  try {
    const previousIndex = await PreviousIndex.open(layout.index, options.notice);
    try {
      const scan = await scanGallery(gallery, layout.folder, options.exclude);
      const journal = await Journal.open(layout.journal, purposeOf(model, options));
      try {
        return await update({ gallery, model, layout, previousIndex, journal, options }, scan, options);
      } catch (error) {
        await journal.close();
        throw error;
      }
    } finally {
      await previousIndex.close();
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

/** Everything besides a file's content that the findings of a journal depend on. */
function purposeOf({ fingerprint, pictureInput }: Model, { again = false }: IndexOptions): string {
  const { width, height, kernel = null } = pictureInput;
  return JSON.stringify([
    4,
    again,
    fingerprint,
    width,
    height,
    kernel,
    RENDITION_SIDE,
    THUMBNAIL_SIDE,
    SIGNATURE_BYTES,
  ]);
}

async function update(run: IndexRun, scan: Scan, options: IndexOptions): Promise<IndexReport> {
  const { gallery, model, layout, previousIndex, journal } = run;
  if (model.refines && options.again !== true) await noteRefined(run, model.refines, scan.files);
  const { folder } = layout;
  const found = await new FilePredictor(run).predictAll(scan);
  const entries = withKept(found.entries, previousIndex, scan);
  const written = await writeEntries(run, entries);
  // At once: a show takes up the index and the lists while renditions are still made.
  const marks = await marksOf(gallery, folder, entries, options);
  await sweep(layout.folder, (name) => previousIndex.hasContentName(name));
  await journal.remove();
  // What is damaged may be among them.
  if (options.again === true) await rm(join(folder, 'screens'), { recursive: true, force: true });
  const withheld = new Set([...marks.hidden, ...marks.marked.map(({ file }) => file)]);
  const shown = entries.filter(({ file }) => !withheld.has(file));
  const rendered = await renderAll(run, shown, options);
  return {
    ...written,
    ...marks,
    ...(await moodsOf(gallery, entries, options)),
    read: found.read,
    rendered,
    broken: [...scan.unreadable, ...found.broken],
    blank: found.blank,
    damaged: found.damaged,
    passedOver: found.passedOver,
    folders: scan.folders,
    excluded: scan.excluded,
  };
}

function renderAll(
  { gallery, layout }: IndexRun,
  entries: readonly Entry[],
  { renditions: screens = [], signal, onProgress, notice }: IndexOptions,
): Promise<number> {
  const onRendered = (done: number, total: number): void => onProgress?.({ stage: 'rendering', done, total });
  return screens.length === 0
    ? Promise.resolve(0)
    : renderForScreens(entries, {
        ...{ gallery, indexFolder: layout.folder, screens, signal, notice },
        onProgress: onRendered,
      });
}

async function marksOf(
  gallery: string,
  indexFolder: string,
  entries: readonly Entry[],
  options: IndexOptions,
): Promise<Pick<IndexReport, 'unsafe' | 'marked' | 'allowed' | 'hidden'>> {
  const { unsafeThreshold = UNSAFE_THRESHOLD, allow = [], forbid = [], hide = [], unhide = [] } = options;
  const allowed = await changeHandList(gallery, indexFolder, 'allowed', entries, {
    add: allow,
    remove: forbid,
  });
  const hidden = await changeHandList(gallery, indexFolder, 'hidden', entries, { add: hide, remove: unhide });
  const unsafe = entries.filter((entry) => Math.fround(entry.unsafe) >= unsafeThreshold);
  const marked = unsafe
    .filter(({ content }) => !allowed.has(content))
    .map((entry) => ({ file: entry.file, unsafe: entry.unsafe }))
    .sort((a, b) => b.unsafe - a.unsafe);
  return {
    unsafe: marked.length,
    marked,
    allowed: unsafe.filter(({ content }) => allowed.has(content)).map(({ file }) => file),
    hidden: entries.filter(({ content }) => hidden.has(content)).map(({ file }) => file),
  };
}

/** The index holds the model's predictions; moods set by a person replace them when the index is opened. */
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

/** Keeps the pictures of a folder that can't be read at the moment. */
function withKept(entries: Entry[], previousIndex: PreviousIndex, { unreadable }: Scan): Entry[] {
  const kept = unreadable.flatMap(({ file }) => previousIndex.below(file));
  if (kept.length === 0) return entries;
  return [...entries, ...kept].sort((a, b) => (a.file < b.file ? -1 : 1));
}
