import type { GalleryEntry, GalleryPage } from '../../src/server/index.ts';

export type { GalleryEntry };

/** Pictures of a page of the gallery: the most that the server gives at once. */
const PAGE = 500;

/** Asks for the whole gallery, by the pictures' ids, of one revision: starts again when it changes between two pages. */
export async function askGallery(
  ask: (path: string) => Promise<GalleryPage>,
): Promise<{ readonly revision: string; readonly pictures: ReadonlyMap<string, GalleryEntry> }> {
  const pictures = new Map<string, GalleryEntry>();
  let known: string | null = null;
  for (let offset = 0; ;) {
    const page = await ask(`api/gallery?offset=${offset}&limit=${PAGE}`);
    if (known !== null && page.revision !== known) {
      known = null;
      offset = 0;
      pictures.clear();
      continue;
    }
    known = page.revision;
    for (const picture of page.pictures) pictures.set(picture.id, picture);
    offset += PAGE;
    if (offset >= page.total) return { revision: known, pictures };
  }
}
