export interface GalleryEntry {
  readonly id: string;
  readonly file: string;
  readonly bank: string | null;
  /** The hand's where it has said something, else the model's. */
  readonly valence: number;
  readonly arousal: number;
  /** What the model reads, and what a hand has put in its place, null on an axis that is the model's. */
  readonly reading: { readonly valence: number; readonly arousal: number };
  readonly hand: { readonly valence: number | null; readonly arousal: number | null } | null;
  readonly unsafe: boolean;
}

/** Pictures of a page of the gallery: the most that the server gives at once. */
const PAGE = 500;

interface GalleryPage {
  readonly total: number;
  readonly revision: string;
  readonly pictures: readonly GalleryEntry[];
}

/** Asks for the whole gallery, by the pictures' ids, of one revision: begun again when it changes between two pages. */
export async function askGallery(
  ask: (path: string) => Promise<GalleryPage>,
): Promise<{ readonly revision: string; readonly pictures: ReadonlyMap<string, GalleryEntry> }> {
  const pictures = new Map<string, GalleryEntry>();
  let known: string | null = null;
  for (let offset = 0; ;) {
    const page = await ask(`/api/gallery?offset=${offset}&limit=${PAGE}`);
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
