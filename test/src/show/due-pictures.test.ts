import t from 'tap';
import type { Screen } from '../../../models/screens.ts';
import { pagesOf } from '../../../src/show/index.ts';
import { upcoming } from '../../../streams/program/index.ts';
import { LOUD, pictures, Show } from '../../streams/program/support/show.ts';

const WALL: Screen = { width: 3840, height: 2160, fit: 'cover' };

t.test(
  'renditions are made of pictures on show, those that come next and the candidates alone',
  async (t) => {
    const show = new Show(pictures(40));
    const made: string[] = [];
    const gallery = {
      filesOf: (id: string) => ({ name: id, rendition: id, thumbnail: id, width: 4, height: 3 }),
      judged: { marked: [], hidden: [], allowed: [] },
      renditionFor: (id: string, _: Screen, mayMake: boolean) => {
        if (mayMake) made.push(id);
        return Promise.resolve(undefined);
      },
    };
    const pages = pagesOf(() => ({ gallery, program: show.state }));
    const ask = async () => {
      made.length = 0;
      for (const { id } of show.state.catalogue.pictures) await pages.rendition(id, WALL);
      return made.slice().sort();
    };
    const silent = [...new Set([show.image, ...upcoming(show.state, 5)].flatMap((id) => id ?? []))];
    t.ok(silent.length > 0);
    t.same(await ask(), silent.slice().sort());

    show.hear(8, LOUD, { mood: { valence: 0.6, arousal: 0.6 } });
    const { screens, match } = show.state;
    const wanted = new Set([
      screens[0]!.image!,
      ...upcoming(show.state, 5),
      ...match!.candidates.slice(0, 16).map(({ id }) => id),
    ]);
    t.ok(wanted.size < 40);
    t.same(await ask(), [...wanted].sort());
  },
);
