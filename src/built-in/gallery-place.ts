import { existsSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import envPaths from 'env-paths';
import type { Model } from '../../models/model/index.ts';

/** The piece of music that comes with the program: four moods, 96 s. */
export const BUNDLED_MUSIC = fileURLToPath(import.meta.resolve('#demo-music'));

const BUNDLED_GALLERY = join(dirname(BUNDLED_MUSIC), 'gallery');

/** Made by `npm run prepare`, for the model that is built in. */
const BUNDLED_INDEX = fileURLToPath(new URL('../../demo-index/', import.meta.url));

/** The user's own folder for what people set about the built-in pictures. */
function ownFolder(): string {
  return join(envPaths('synesthete', { suffix: '' }).data, 'built-in-pictures');
}

/** Where pictures are, and where their index lies, as absolute paths. */
export interface GalleryPlace {
  readonly folder: string;
  readonly indexFolder?: string;
  /** Where moods by hand are kept, unless it is beside the pictures. */
  readonly moodsFile?: string;
  /** Where a show keeps its state, unless it is beside the index. */
  readonly stateFolder?: string;
}

/** Which pictures are shown, and by which model. */
export interface GalleryChoice {
  /** A folder of pictures; those that are built in unless given. */
  readonly gallery?: string | undefined;
  /** Where their index lies; in the folder unless given. */
  readonly index?: string | undefined;
  /** The folder of the model; that which is built in unless given. */
  readonly model?: string | undefined;
}

/**
 * The pictures that were chosen, or else those that come with the program. The index of the latter is made first where it
 * is not there yet: for another model, or in a copy of the program that can't be written to.
 *
 * @param withModel lends the chosen model, where an index must be made
 * @param notice gets what a person should know, in one line each
 */
export async function galleryPlace(
  { gallery, index, model: modelFolder }: GalleryChoice,
  withModel: <T>(use: (model: Model) => Promise<T>) => Promise<T>,
  notice: (line: string) => void,
): Promise<GalleryPlace> {
  const chosenIndex = index === undefined ? undefined : resolve(index);
  if (gallery !== undefined) {
    const folder = resolve(gallery);
    return {
      folder,
      ...(chosenIndex !== undefined && { indexFolder: chosenIndex }),
      ...(await ownMoodsFile(folder)),
    };
  }
  if (chosenIndex === undefined && modelFolder === undefined && existsSync(BUNDLED_INDEX)) {
    // The index of the package itself is only read.
    return { ...(await bundledPlace(BUNDLED_INDEX)), stateFolder: ownFolder() };
  }
  const [{ defaultCacheFolder }, { indexGallery }] = await Promise.all([
    import('../../models/cache.ts'),
    import('../../models/gallery/index.ts'),
  ]);
  return withModel(async (model) => {
    const name = `demo-index-${model.fingerprint.slice(0, 12)}`;
    const indexFolder = chosenIndex ?? join(defaultCacheFolder(), name);
    notice('making the index of the bundled pictures; the next start has it ready');
    await indexGallery(BUNDLED_GALLERY, model, { indexFolder, notice });
    return bundledPlace(indexFolder);
  });
}

async function bundledPlace(indexFolder: string): Promise<GalleryPlace> {
  return { folder: BUNDLED_GALLERY, indexFolder, ...(await ownMoodsFile(BUNDLED_GALLERY)) };
}

/**
 * Where moods by hand of a gallery are kept when it is not beside the pictures: those of the bundled ones are in the user's
 * own folder (`$XDG_DATA_HOME` or `~/.local/share` on Linux, and its like elsewhere), whatever the model, since the package may
 * be read-only, and is other people's too.
 */
export async function ownMoodsFile(gallery: string): Promise<Pick<GalleryPlace, 'moodsFile'>> {
  if ((await realpath(gallery).catch(() => undefined)) !== (await realpath(BUNDLED_GALLERY))) return {};
  const folder = ownFolder();
  // Where it can't be made, reading or writing the moods says so.
  await mkdir(folder, { recursive: true }).catch(() => undefined);
  return { moodsFile: join(folder, 'moods.csv') };
}
