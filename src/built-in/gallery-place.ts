import { existsSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import envPaths from 'env-paths';
import type { Model } from '../../models/model/index.ts';

/** The piece of music that comes with the program: four moods, 96 s. */
export const BUNDLED_MUSIC = fileURLToPath(import.meta.resolve('#demo-music'));

const BUNDLED_GALLERY = join(dirname(BUNDLED_MUSIC), 'gallery');

/** Made by `npm run prepare`, for the built-in model. */
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
  /** A folder of pictures; by default the built-in ones. */
  readonly gallery?: string | undefined;
  /** Where their index lies; by default in the folder. */
  readonly index?: string | undefined;
  /** The folder of the model; by default the built-in one. */
  readonly model?: string | undefined;
}

/**
 * The chosen pictures, or else those that come with the program. Makes the index of the latter first where it is
 * missing: for another model, or in a copy of the program that can't be written to.
 *
 * @param withModel lends the chosen model, where an index must be made
 * @param notice called with one line for each thing that a person should know
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
    // Only reads the index of the package itself.
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
 * Where moods by hand of a gallery are kept when they are not beside the pictures: those of the bundled pictures are in
 * the user's own folder (`$XDG_DATA_HOME` or `~/.local/share` on Linux, its equivalent elsewhere), the same for every
 * model, since the package may be read-only and others use it too.
 */
export async function ownMoodsFile(gallery: string): Promise<Pick<GalleryPlace, 'moodsFile'>> {
  if ((await realpath(gallery).catch(() => undefined)) !== (await realpath(BUNDLED_GALLERY))) return {};
  const folder = ownFolder();
  // Where the folder can't be made, reading or writing the moods fails and says so.
  await mkdir(folder, { recursive: true }).catch(() => undefined);
  return { moodsFile: join(folder, 'moods.csv') };
}
