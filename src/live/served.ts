import type { Observable } from 'rxjs';
import { SynestheteError } from '../../models/errors.ts';
import { isInBank, isShowable, type ProgramState } from '../../streams/program/index.ts';
import { listDevices } from '../../streams/sources/index.ts';
import type { GalleryEntry, Show } from '../server/index.ts';
import type { ShowGallery } from './gallery.ts';
import type { LiveShow } from './show.ts';
import type { LiveState } from './states.ts';

/** A running show as the server needs it. */
export function servedShow(show: LiveShow): Show {
  return {
    ...pagesOf(() => show),
    states: show.states,
    control: (control) => show.control(control),
    status: () => ({ ...show.status() }),
    devices: () => listDevices(),
  };
}

/** A replay as the server needs it: what is on show can be looked at, and nothing can be asked of it. */
export function servedReplay(
  states: Observable<LiveState>,
  gallery: ShowGallery,
  program: ProgramState,
): Show {
  return {
    ...pagesOf(() => ({ gallery, program })),
    states,
    control() {
      throw new SynestheteError('USAGE', 'a replay takes no controls: what it shows is settled');
    },
    status: () => ({ settings: program.settings, banks: program.catalogue.banks }),
    devices: () => Promise.resolve([]),
  };
}

/** The pictures of a show, for those who ask for one or for a page of them. */
function pagesOf(
  now: () => { readonly gallery: ShowGallery; readonly program: ProgramState },
): Pick<Show, 'picture' | 'gallery'> {
  return {
    picture(id) {
      const { gallery, program } = now();
      const files = gallery.filesOf(id);
      if (files === undefined || !isShowable(program, id)) return undefined;
      const { rendition: file, thumbnail, width, height } = files;
      return { file, thumbnail, type: 'image/jpeg', width, height };
    },
    gallery({ offset, limit, bank }) {
      const { gallery, program } = now();
      const found = program.catalogue.pictures.filter((picture) => isInBank(picture, bank ?? null));
      const pictures = found.slice(offset, offset + limit).flatMap((picture): GalleryEntry[] => {
        const { id, bank: name, valence, arousal, unsafe } = picture;
        const files = gallery.filesOf(id);
        if (files === undefined) return [];
        const { name: file, width, height } = files;
        const banned = program.bans.has(id);
        return [
          { id, file, bank: name === '' ? null : name, valence, arousal, width, height, unsafe, banned },
        ];
      });
      return { total: found.length, pictures };
    },
  };
}
