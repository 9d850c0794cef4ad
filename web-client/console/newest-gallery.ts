import { ask } from '../shared/api.ts';
import { askGallery, type GalleryEntry } from '../shared/whole-gallery.ts';

/** Fetches the gallery whenever it has become another one than the last that was fetched. */
export class NewestGallery {
  readonly #onPictures: (pictures: ReadonlyMap<string, GalleryEntry>) => void;
  /** The revision that was fetched, and who may see it. */
  #fetched = '';
  #isFetching = false;

  constructor(onPictures: (pictures: ReadonlyMap<string, GalleryEntry>) => void) {
    this.#onPictures = onPictures;
  }

  /** @param mayControl those who may control see unsafe pictures too */
  async refresh(revision: string, mayControl: boolean): Promise<void> {
    const seenBy = mayControl ? 'operator' : 'guest';
    if (this.#isFetching || this.#fetched === `${revision} ${seenBy}`) return;
    this.#isFetching = true;
    try {
      const found = await askGallery(ask);
      this.#fetched = `${found.revision} ${seenBy}`;
      this.#onPictures(found.pictures);
    } finally {
      this.#isFetching = false;
    }
  }
}
