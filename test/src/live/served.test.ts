import { EMPTY } from 'rxjs';
import t from 'tap';
import { servedShow, type LiveShow } from '../../../src/live/index.ts';
import { servedReplay } from '../../../src/replay/index.ts';
import { type LiveStatus, type ShowGallery } from '../../../src/show/index.ts';
import { programStatus } from '../../../src/show/status.ts';
import {
  catalogueOf,
  DEFAULT_PROGRAM_SETTINGS,
  initialState,
  type ProgramState,
} from '../../../streams/program/index.ts';
import { NOTHING_JUDGED } from '../../support/nothing-judged.ts';

const MODEL = {
  fingerprint: 'f',
  folder: '/home/ann/models/night',
  engine: 'wasm',
  ranking: 'plane',
  width: 2,
  music: { mean: { valence: 0.5, arousal: 0.5 }, sd: { valence: 0.2, arousal: 0.2 } },
  attention: { sharpness: 0, seconds: 1.5 },
  fallbacks: ['webgpu: /home/ann/lib is missing'],
} as const;

t.test('a replay tells what the console reads, and shows what is banned in the small only', async (t) => {
  const picture = { bank: '', valence: 0.5, arousal: 0.5 };
  const catalogue = catalogueOf([
    { ...picture, id: 'good', unsafe: false },
    { ...picture, id: 'banned', unsafe: false },
    { ...picture, id: 'unsafe', unsafe: true },
  ]);
  const gallery: Pick<ShowGallery, 'filesOf' | 'judged'> = {
    filesOf: (id) => ({
      name: `${id}.png`,
      rendition: `/r/${id}`,
      thumbnail: `/t/${id}`,
      width: 4,
      height: 3,
    }),
    judged: {
      marked: [{ id: 'unsafe', unsafe: 0.75 }],
      hidden: [{ id: 'banned', unsafe: 0.25 }],
      allowed: [],
    },
  };
  const nothing = { images: [], hold: false, pin: null, blackout: false };
  const program = initialState(DEFAULT_PROGRAM_SETTINGS, catalogue, { ...nothing, bans: ['banned'] });
  const replay = (program: ProgramState) =>
    servedReplay(EMPTY, {
      gallery,
      model: MODEL,
      files: ['music/a.wav', '/home/ann/b.wav'],
      now: () => ({ program, clips: 7 }),
    });
  const show = replay(program);

  t.match(show.status(), {
    source: { name: 'music/a.wav, /home/ann/b.wav', kind: 'file', state: 'delivering' },
    sources: ['music/a.wav, /home/ann/b.wav'],
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
  t.strictSame(show.thumbnail('banned', false), { file: '/t/banned', type: 'image/jpeg' });
  t.equal(show.picture('unsafe'), undefined);
  t.equal(show.thumbnail('unsafe', false), undefined);
  t.strictSame(show.thumbnail('unsafe', true), { file: '/t/unsafe', type: 'image/jpeg', isPrivate: true });
  t.match(show.keptOut({ list: 'marked', offset: 0, limit: 9 }), {
    total: 1,
    pictures: [{ id: 'unsafe', file: 'unsafe.png', bank: null, unsafe: 0.75 }],
  });
  t.match(show.keptOut({ list: 'hidden', offset: 1, limit: 9 }), { total: 1, pictures: [] });

  t.match(show.publicStatus(), {
    source: { name: 'a.wav, b.wav', state: 'delivering' },
    sources: ['a.wav, b.wav'],
    model: { folder: 'night', engine: 'wasm' },
  });
  t.notMatch(JSON.stringify(show.publicStatus()), '/');

  const idsOf = async (shown: typeof show, withUnsafe: boolean) =>
    (await shown.gallery({ offset: 0, limit: 9, withUnsafe })).pictures.map(({ id }) => id);
  t.strictSame(await idsOf(show, true), ['good', 'banned', 'unsafe']);
  t.strictSame(await idsOf(show, false), ['good', 'banned']);
  const allowing = replay({ ...program, settings: { ...program.settings, allowUnsafe: true } });
  t.strictSame(await idsOf(allowing, false), ['good', 'banned', 'unsafe']);

  const page = { offset: 1, limit: 1, withUnsafe: false };
  const { revision } = await show.gallery(page);
  t.match(show.status(), { pictures: { revision } });
  t.match(await replay({ ...program, bans: new Set() }).gallery(page), { total: 2, revision });
  const grown = { ...program, catalogue: catalogueOf(catalogue.pictures) };
  t.not((await replay(grown).gallery(page)).revision, revision, 'of another gallery it is another one');
});

t.test('a page tells what the model reads and what the hand said', async (t) => {
  const picture = { bank: '', arousal: 0.5, unsafe: false };
  const corrected = { prediction: { valence: 0.75, arousal: 0.5 }, hand: { valence: 0.25, arousal: null } };
  const catalogue = catalogueOf([
    { ...picture, id: 'read', valence: 0.75 },
    { ...picture, id: 'said', valence: 0.25, corrected },
  ]);
  const filesOf = () => ({ name: 'x', rendition: 'x', thumbnail: 'x', width: 1, height: 1 });
  const program = initialState(DEFAULT_PROGRAM_SETTINGS, catalogue);
  const now = () => ({ program, clips: 0 });
  const show = servedReplay(EMPTY, {
    gallery: { filesOf, judged: NOTHING_JUDGED },
    model: MODEL,
    files: [],
    now,
  });
  const { pictures } = await show.gallery({ offset: 0, limit: 9, withUnsafe: false });
  t.match(pictures, [
    { id: 'read', valence: 0.75, reading: { valence: 0.75, arousal: 0.5 }, hand: null },
    { id: 'said', valence: 0.25, reading: corrected.prediction, hand: corrected.hand },
  ]);
  t.equal(show.status()['moods'], null);
  t.equal(show.status()['keptOut'], null);
  await t.rejects(show.moods(), { code: 'USAGE' });
  await t.rejects(show.takeMoods(new Uint8Array()), { code: 'USAGE' });
});

t.test('a gallery that changes between two pages is looked through again', async (t) => {
  const picture = { bank: 'warm', valence: 0.5, arousal: 0.5, unsafe: false };
  const catalogues = [['a', 'b'], ['a']].map((ids) =>
    catalogueOf(ids.map((id) => ({ ...picture, id, bank: id === 'b' ? 'cold' : 'warm' }))),
  );
  let catalogue = catalogues[0]!;
  const filesOf = () => ({ name: 'x', rendition: 'x', thumbnail: 'x', width: 1, height: 1 });
  const show = servedReplay(EMPTY, {
    gallery: { filesOf, judged: NOTHING_JUDGED },
    model: MODEL,
    files: [],
    now: () => ({ program: initialState(DEFAULT_PROGRAM_SETTINGS, catalogue), clips: 0 }),
  });
  const totals = async (...banks: (string | undefined)[]) => {
    const found: number[] = [];
    for (const bank of banks) {
      const page = { offset: 0, limit: 9, withUnsafe: false, ...(bank !== undefined && { bank }) };
      found.push((await show.gallery(page)).total);
    }
    return found;
  };
  t.strictSame(await totals(undefined, undefined, 'cold', 'warm'), [2, 2, 1, 1]);
  catalogue = catalogues[1]!;
  t.strictSame(await totals('warm', 'cold', undefined), [1, 0, 1]);
});

t.test('the status tells how what comes next fits the music', (t) => {
  const picture = { bank: '', valence: 0.5, arousal: 0.5, unsafe: false };
  const catalogue = catalogueOf(['a', 'b', 'c', 'd'].map((id) => ({ ...picture, id })));
  const candidates = [
    { id: 'b', score: 0.03, fit: 1 },
    { id: 'd', score: 0.02, fit: 0.5 },
  ];
  const mood = { valence: 0.5, arousal: 0.5, confidence: 1 };
  const program: ProgramState = {
    ...initialState(DEFAULT_PROGRAM_SETTINGS, catalogue),
    gate: { ...initialState(DEFAULT_PROGRAM_SETTINGS, catalogue).gate, open: true },
    match: { mood, target: mood, candidates, shown: [], atSeconds: 0 },
  };
  const { upcoming, upcomingFits } = programStatus(program);
  t.strictSame(upcoming.slice(0, 3), ['b', 'd', 'a']);
  t.strictSame(upcomingFits.slice(0, 3), [1, 0.5, null]);
  t.end();
});

t.test('of a live show strangers hear no path, and all else', (t) => {
  const path = '/home/ann/night.wav';
  const program = initialState(DEFAULT_PROGRAM_SETTINGS, catalogueOf([]));
  const status: LiveStatus = {
    source: { name: path, kind: 'file', state: 'retrying', message: `${path}: it is gone`, channels: [] },
    analysis: { state: 'restarting', message: 'can’t open /home/ann/models', restarts: 2 },
    model: MODEL,
    modelName: '/home/ann/models/night',
    models: ['built-in', '/home/ann/models/night'],
    ...programStatus(program),
    firsts: null,
    moods: { byHand: 2, canUndo: true, canRedo: false, faultCount: 1, faults: [`${path} is not UTF-8`] },
    keptOut: { marked: 3, hidden: 2, allowed: 1, canUndo: true, canRedo: false },
    clips: { total: 9, dropped: 1, lost: 2, lastLoss: 'ENOENT /home/ann/x' },
    gaps: 3,
  };
  const live = { status: () => status } as unknown as LiveShow;
  const show = servedShow(live, ['demo', 'browser', `file:${path}`], true);
  t.strictSame(show.status(), {
    ...status,
    sources: ['demo', 'browser', `file:${path}`],
    hasBuiltInPictures: true,
  });
  const told = show.publicStatus();
  t.match(told, {
    source: { name: 'night.wav', kind: 'file', state: 'retrying', message: 'retrying' },
    sources: ['demo', 'browser', 'file:night.wav'],
    analysis: { state: 'restarting', message: 'restarting', restarts: 2 },
    model: { folder: 'night', fingerprint: 'f' },
    modelName: 'night',
    models: ['built-in', 'night'],
    clips: { total: 9, dropped: 1, lost: 2, lastLoss: 'lost' },
    moods: { byHand: 2, canUndo: true, canRedo: false, faultCount: 1, faults: [] },
    gaps: 3,
  });
  t.strictSame(Object.keys(told).toSorted(), Object.keys(show.status()).toSorted());
  t.notMatch(JSON.stringify(told), '/');
  t.end();
});
