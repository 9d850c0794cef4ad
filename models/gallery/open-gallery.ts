import { readdir, stat } from 'node:fs/promises';
import { SynestheteError } from '../errors.ts';
import { UNSAFE_THRESHOLD } from '../model/index.ts';
import { defaultMoodsFile, MoodsFile } from '../moods/index.ts';
import { Gallery, type GalleryFiles, type GalleryOptions } from './gallery.ts';
import { readHandLists } from './hand-lists.ts';
import { IndexReader } from './index-file.ts';
import { defaultIndexFolder, INDEX_SUFFIX, layoutOf } from './layout.ts';
import { Snapshot } from './snapshot.ts';

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
  const files: GalleryFiles = {
    index,
    lists: folder,
    moods: options.moods ?? new MoodsFile(defaultMoodsFile(gallery)),
  };
  const lists = await readHandLists(folder);
  const snapshot = await load();
  const opened = new Gallery(gallery, files, snapshot.withLists(lists), load, options);
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
    return await Snapshot.read(reader, ranking, { indexFolder: folder, unsafeThreshold });
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
