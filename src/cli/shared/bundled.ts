import { existsSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import envPaths from 'env-paths';
import { openChosenModel, type ModelOptions } from '../options/model.ts';
import type { ProgramOptions } from '../options/program.ts';
import { warn } from '../terminal/failure.ts';

/** The piece of music that comes with the program: four moods, 96 s. */
export const BUNDLED_MUSIC = fileURLToPath(import.meta.resolve('#demo-music'));

const BUNDLED_GALLERY = join(dirname(BUNDLED_MUSIC), 'gallery');

/** Made by `npm run prepare`, for the model that is built in. */
const BUNDLED_INDEX = fileURLToPath(new URL('../../../demo-index/', import.meta.url));

/** The user's own folder for what people set about the built-in pictures. */
function ownFolder(): string {
  return join(envPaths('synesthete', { suffix: '' }).data, 'built-in-pictures');
}

/** Where pictures are, and where their index lies: from the root, for programs that are told of them. */
export interface GalleryPlace {
  readonly folder: string;
  readonly indexFolder?: string;
  /** Where moods by hand are kept, unless it is beside the pictures. */
  readonly moodsFile?: string;
  /** Where a show keeps its state, unless it is beside the index. */
  readonly stateFolder?: string;
}

/**
 * The pictures that the options choose, or else those that come with the program. Their index is made first where it
 * is not there yet: for another model, or in a copy of the program that can't be written to.
 */
export async function galleryPlace(options: ProgramOptions & ModelOptions): Promise<GalleryPlace> {
  const { gallery, model: modelFolder } = options;
  const index = options.index === undefined ? undefined : resolve(options.index);
  if (gallery !== undefined) {
    const folder = resolve(gallery);
    return {
      folder,
      ...(index !== undefined && { indexFolder: index }),
      ...(await ownMoodsFile(folder)),
    };
  }
  if (index === undefined && modelFolder === undefined && existsSync(BUNDLED_INDEX)) {
    // The index of the package itself is only read.
    return { ...(await bundledPlace(BUNDLED_INDEX)), stateFolder: ownFolder() };
  }
  const [{ defaultCacheFolder }, { indexGallery }] = await Promise.all([
    import('../../../models/cache.ts'),
    import('../../../models/gallery/index.ts'),
  ]);
  const model = await openChosenModel(options);
  try {
    const name = `demo-index-${model.fingerprint.slice(0, 12)}`;
    const indexFolder = index ?? join(defaultCacheFolder(), name);
    warn('making the index of the bundled pictures; the next start has it ready');
    await indexGallery(BUNDLED_GALLERY, model, { indexFolder, notice: warn });
    return await bundledPlace(indexFolder);
  } finally {
    await model.close();
  }
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
  // Where it can't be made, whoever reads or writes the moods says so.
  await mkdir(folder, { recursive: true }).catch(() => undefined);
  return { moodsFile: join(folder, 'moods.csv') };
}
