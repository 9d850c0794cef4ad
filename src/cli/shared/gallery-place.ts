import { galleryPlace as placeOf, type GalleryPlace } from '../../built-in/index.ts';
import { openChosenModel, type ModelOptions } from '../options/model.ts';
import type { ProgramOptions } from '../options/program.ts';
import { warn } from '../terminal/failure.ts';

/** What a command says before it opens the model and the gallery, which takes some seconds. */
export const OPENING = 'opening the model and the gallery …';

/**
 * The pictures that the options choose, or else those that come with the program. Makes a missing index of the latter.
 */
export function galleryPlace(options: ProgramOptions & ModelOptions): Promise<GalleryPlace> {
  return placeOf(
    options,
    async (use) => {
      const model = await openChosenModel(options);
      try {
        return await use(model);
      } finally {
        await model.close();
      }
    },
    warn,
  );
}
