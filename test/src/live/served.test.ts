import { EMPTY } from 'rxjs';
import t from 'tap';
import { servedReplay, type ShowGallery } from '../../../src/live/index.ts';
import { catalogueOf, DEFAULT_PROGRAM_SETTINGS, initialState } from '../../../streams/program/index.ts';

t.test('a replay tells what the console reads, and shows what is banned in the small only', async (t) => {
  const picture = { bank: '', valence: 0.5, arousal: 0.5 };
  const catalogue = catalogueOf([
    { ...picture, id: 'good', unsafe: false },
    { ...picture, id: 'banned', unsafe: false },
    { ...picture, id: 'unsafe', unsafe: true },
  ]);
  const gallery: Pick<ShowGallery, 'filesOf'> = {
    filesOf: (id) => ({
      name: `${id}.png`,
      rendition: `/r/${id}`,
      thumbnail: `/t/${id}`,
      width: 4,
      height: 3,
    }),
  };
  const nothing = { images: [], hold: false, pin: null, blackout: false };
  const program = initialState(DEFAULT_PROGRAM_SETTINGS, catalogue, { ...nothing, bans: ['banned'] });
  const model = {
    fingerprint: 'f',
    folder: '/m',
    engine: 'wasm',
    ranking: 'plane',
    width: 2,
    fallbacks: [],
  } as const;
  const show = servedReplay(EMPTY, {
    gallery,
    model,
    files: ['a.wav', 'b.wav'],
    now: () => ({ program, clips: 7 }),
  });

  t.match(show.status(), {
    source: { name: 'a.wav, b.wav', kind: 'file', state: 'delivering' },
    sources: ['a.wav, b.wav'],
    model: { engine: 'wasm' },
    pictures: { total: 3, allowed: 1 },
    banks: [],
    bans: ['banned'],
    hold: false,
    pin: null,
    blackout: false,
    clips: { total: 7, dropped: 0, lost: 0 },
    gaps: 0,
  });
  t.ok(Array.isArray(show.status()['upcoming']));
  t.match(show.picture('good'), { file: '/r/good', width: 4 });
  t.equal(show.picture('banned'), undefined);
  t.strictSame(show.thumbnail('banned'), { file: '/t/banned', type: 'image/jpeg' });
  t.equal(show.picture('unsafe'), undefined);
  t.equal(show.thumbnail('unsafe'), undefined);
});
