import { isShowable } from '../../streams/program/index.ts';
import { listDevices } from '../../streams/sources/index.ts';
import type { GalleryEntry, Show } from '../server/index.ts';
import type { LiveShow } from './show.ts';

/** A running show as the server needs it. */
export function servedShow(show: LiveShow): Show {
  return {
    states: show.states,
    control: (control) => show.control(control),
    status: () => ({ ...show.status() }),
    picture(id) {
      const files = show.gallery.filesOf(id);
      if (files === undefined || !isShowable(show.program, id)) return undefined;
      const { rendition: file, thumbnail, width, height } = files;
      return { file, thumbnail, type: 'image/jpeg', width, height };
    },
    gallery({ offset, limit, bank }) {
      const { catalogue, bans } = show.program;
      const found = catalogue.pictures.filter(
        (picture) => bank === undefined || picture.bank === bank || picture.bank.startsWith(`${bank}/`),
      );
      const pictures = found.slice(offset, offset + limit).flatMap((picture): GalleryEntry[] => {
        const { id, bank: name, valence, arousal, unsafe } = picture;
        const files = show.gallery.filesOf(id);
        if (files === undefined) return [];
        const { name: file, width, height } = files;
        const banned = bans.has(id);
        return [{ id, file, bank: name === '' ? null : name, valence, arousal, width, height, unsafe, banned }];
      });
      return { total: found.length, pictures };
    },
    devices: () => listDevices(),
  };
}
