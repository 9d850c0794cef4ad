import {
  isInBank,
  isShowable,
  mayStay,
  type Catalogue,
  type CataloguePicture,
  type ProgramState,
} from '../../streams/program/index.ts';
import type { GalleryEntry, KeptOutEntry, Show } from '../server/index.ts';
import { duePictures } from './due-pictures.ts';
import type { ShowGallery } from './gallery.ts';
import { revisionOf } from './revision.ts';

/** What of a gallery pages show. */
export type ShownGallery = Pick<ShowGallery, 'filesOf' | 'judged' | 'renditionFor'>;

/** The pictures of a show, for those who ask for one or for a page of them. */
export function pagesOf(
  now: () => { readonly gallery: ShownGallery; readonly program: ProgramState },
): Pick<Show, 'picture' | 'rendition' | 'thumbnail' | 'gallery' | 'keptOut'> {
  const select = selection();
  const due = duePictures();
  const picture: Show['picture'] = (id) => {
    const { gallery, program } = now();
    const files = gallery.filesOf(id);
    // May stay when there is no alternative, even if unreadable: displays may still have it.
    if (files === undefined || !mayStay(program, id)) return undefined;
    const { rendition: file, width, height } = files;
    return { file, type: 'image/jpeg', width, height };
  };
  return {
    picture,
    async rendition(id, screen) {
      const whole = picture(id);
      if (whole === undefined) return undefined;
      const { gallery, program } = now();
      // Anybody may ask for any picture: only what displays need is made.
      const found = await gallery.renditionFor?.(id, screen, due(program).has(id));
      return { ...whole, isOwn: false, isPending: false, ...found };
    },
    thumbnail(id, mayControl) {
      const { gallery, program } = now();
      const files = gallery.filesOf(id);
      // The console shows banned pictures, to allow them again.
      const isPrivate = !isShowable({ ...program, bans: new Set() }, id);
      if (files === undefined || (isPrivate && !mayControl)) return undefined;
      return { file: files.thumbnail, type: 'image/jpeg', ...(isPrivate && { isPrivate }) };
    },
    gallery({ offset, limit, bank, withUnsafe }) {
      const { gallery, program } = now();
      const unsafeToo = withUnsafe || program.settings.allowUnsafe;
      const found = select(program.catalogue, bank ?? null, unsafeToo);
      const pictures = found.slice(offset, offset + limit).flatMap((picture): GalleryEntry[] => {
        const { id, bank: name, valence, arousal, unsafe, corrected } = picture;
        const files = gallery.filesOf(id);
        if (files === undefined) return [];
        const { name: file, width, height } = files;
        const banned = program.bans.has(id);
        const reading = corrected?.prediction ?? { valence, arousal };
        const moods = { valence, arousal, reading, hand: corrected?.hand ?? null };
        return [{ id, file, bank: name === '' ? null : name, ...moods, width, height, unsafe, banned }];
      });
      return { total: found.length, revision: revisionOf(program.catalogue), pictures };
    },
    keptOut({ list, offset, limit }) {
      const { gallery, program } = now();
      const found = gallery.judged[list];
      const pictures = found.slice(offset, offset + limit).flatMap(({ id, unsafe }): KeptOutEntry[] => {
        const file = gallery.filesOf(id)?.name;
        if (file === undefined) return [];
        const end = file.lastIndexOf('/');
        return [{ id, file, bank: end < 0 ? null : file.slice(0, end), unsafe }];
      });
      return { total: found.length, revision: revisionOf(program.catalogue), pictures };
    },
  };
}

/** Selects the pictures of a bank, once for all pages that a client fetches. */
function selection(): (
  catalogue: Catalogue,
  bank: string | null,
  unsafeToo: boolean,
) => readonly CataloguePicture[] {
  let last: { of: Parameters<ReturnType<typeof selection>>; found: readonly CataloguePicture[] } | undefined;
  return (...of) => {
    if (last?.of.every((part, i) => part === of[i]) !== true) {
      const [catalogue, bank, unsafeToo] = of;
      const found = catalogue.pictures.filter(
        (picture) => picture.hidden !== true && isInBank(picture, bank) && (unsafeToo || !picture.unsafe),
      );
      last = { of, found };
    }
    return last.found;
  };
}
