import t from 'tap';
import {
  catalogueOf,
  noRepeatWithin,
  remembered,
  showStateOf,
  upcoming,
  type CataloguePicture,
} from '../../../streams/program/index.ts';
import { LOUD, matchOf, pictures, QUIET, Show } from './support/show.ts';

const GLAD = { valence: 0.85, arousal: 0.6 };
const SAD = { valence: 0.15, arousal: 0.4 };

const distance = (show: Show, id: string, mood: { valence: number; arousal: number }) => {
  const { valence, arousal } = show.state.catalogue.pictures[show.state.catalogue.indexOf.get(id)!]!;
  return Math.hypot(valence - mood.valence, arousal - mood.arousal);
};

t.test('a picture is on show from the first moment, and follows the music', async (t) => {
  const show = new Show(pictures(60));
  t.not(show.image, null);
  t.equal(showStateOf(show.state), 'idle');
  show.hear(20, LOUD, { mood: GLAD });
  t.equal(showStateOf(show.state), 'live');
  t.ok(distance(show, show.image!, GLAD) < 0.25, 'near the glad music');
  show.hear(20, LOUD, { mood: SAD });
  t.ok(distance(show, show.image!, SAD) < 0.25, 'near the sad music');
});

t.test(
  'the first picture gives way to the first mood that is known, without the minimum dwell',
  async (t) => {
    const settings = { minimumDwellSeconds: 20, maximumDwellSeconds: 60, onsetWindowSeconds: 1 };
    const show = new Show(pictures(60), settings);
    const first = show.image;
    show.hear(6, LOUD, { mood: GLAD, confidence: 0.3 });
    t.equal(show.image, first, 'not to a guess');
    show.hear(1, LOUD, { mood: GLAD, confidence: 0.6 });
    show.hear(1, LOUD, { mood: GLAD, confidence: 0.6 });
    const second = show.image!;
    t.not(second, first);
    t.match(show.lastShown, { reason: 'fit', crossfadeSeconds: show.state.settings.crossfadeSeconds });
    t.ok(distance(show, second, GLAD) < 0.25, 'near the glad music');
    show.hear(15, LOUD, { mood: SAD, confidence: 0.9 });
    t.equal(show.image, second, 'the second one has its dwell');
    const again = new Show(show.state.catalogue, settings, remembered(show.state));
    again.hear(3, LOUD, { mood: SAD });
    t.not(again.image, second, 'nor has the one that another run has left');
    const fitting = new Show(pictures(60), settings);
    const { valence, arousal } =
      fitting.state.catalogue.pictures[fitting.state.catalogue.indexOf.get(fitting.image!)!]!;
    fitting.hear(10, LOUD, { mood: { valence, arousal } });
    t.equal(fitting.shown.length, 1, 'one that fits stays');
  },
);

t.test('a picture that still fits stays until the maximum dwell', async (t) => {
  const show = new Show(pictures(60), { minimumDwellSeconds: 2, maximumDwellSeconds: 30, sensitivity: 0.5 });
  show.hear(10, LOUD, { mood: GLAD });
  const { image } = show;
  const count = show.shown.length;
  show.hear(15, LOUD, { mood: { valence: 0.83, arousal: 0.6 } });
  t.equal(show.image, image, 'a slightly other mood changes nothing');
  t.equal(show.shown.length, count);
  show.hear(5, LOUD, { mood: SAD });
  t.not(show.image, image, 'another mood does');
  t.equal(show.lastShown.reason, 'fit');
});

t.test('sensitivity: 1 takes every better picture, 0 hardly any', async (t) => {
  const changes = (sensitivity: number) => {
    const show = new Show(pictures(60), { sensitivity, minimumDwellSeconds: 1, maximumDwellSeconds: 1000 });
    for (let i = 0; i < 30; i++) {
      show.hear(2, LOUD, { mood: { valence: 0.5 + 0.3 * Math.sin(i / 3), arousal: 0.5 } });
    }
    return show.shown.length;
  };
  t.ok(changes(1) > changes(0.6) && changes(0.6) > changes(0), 'the higher, the more changes');
});

t.test('a change that is due cuts on an onset, and fades without one', async (t) => {
  const cut = new Show(pictures(30));
  cut.hear(8, LOUD, { mood: GLAD, onsets: true });
  cut.hear(8, LOUD, { mood: SAD, onsets: true });
  t.equal(cut.lastShown.crossfadeSeconds, 0);
  const soft = new Show(pictures(30));
  soft.hear(8, LOUD, { mood: GLAD });
  soft.hear(8, LOUD, { mood: SAD });
  t.equal(soft.lastShown.crossfadeSeconds, soft.state.settings.crossfadeSeconds);
});

t.test('silence shows calm pictures slowly, and music wakes the show', async (t) => {
  const show = new Show(pictures(60), { idleAfterSeconds: 3, idleDwellSeconds: 10 });
  show.hear(20, LOUD, { mood: GLAD });
  show.hear(2, QUIET);
  t.equal(showStateOf(show.state), 'live', 'a short pause is no silence');
  show.hear(60, QUIET);
  t.equal(showStateOf(show.state), 'idle');
  const idle = show.shown.filter(({ reason, atSeconds }) => reason === 'idle' && atSeconds > 20);
  t.ok(idle.length >= 4 && idle.length <= 7, `${idle.length} pictures in a minute`);
  const arousals = idle.map(
    ({ image }) => show.state.catalogue.pictures[show.state.catalogue.indexOf.get(image!)!]!.arousal,
  );
  t.ok(Math.max(...arousals) < 0.45, 'calm ones');
  show.hear(0.3, LOUD);
  show.hear(2, QUIET);
  t.equal(showStateOf(show.state), 'idle', 'a cough does not wake it');
  show.hear(4, LOUD, { mood: GLAD });
  t.equal(showStateOf(show.state), 'live');
  t.ok(distance(show, show.image!, GLAD) < 0.25, 'the music at once, without the dwell of the idle picture');
});

t.test('a source that gives nothing at all is silence', async (t) => {
  const show = new Show(pictures(10));
  show.hear(5, LOUD, { mood: GLAD });
  for (let second = 6; second < 12; second++) show.send({ kind: 'tick', atSeconds: second });
  t.equal(showStateOf(show.state), 'idle');
});

t.test('hold keeps, next and back go by hand', async (t) => {
  const show = new Show(pictures(30));
  show.hear(10, LOUD, { mood: GLAD });
  const { image } = show;
  show.control({ control: 'hold', on: true });
  t.equal(showStateOf(show.state), 'hold');
  show.hear(60, LOUD, { mood: SAD });
  t.equal(show.image, image);
  const [preview] = upcoming(show.state, 3);
  show.control({ control: 'next' });
  t.equal(show.image, preview, 'the preview told it');
  show.hear(2, LOUD, { mood: SAD });
  show.control({ control: 'back' });
  t.equal(show.image, image);
  show.control({ control: 'hold', on: false });
  show.hear(10, LOUD, { mood: SAD });
  t.not(show.image, image);
});

t.test('back leads back step by step, and says when it can no further', async (t) => {
  const show = new Show(pictures(30));
  const order = [show.image];
  for (let i = 0; i < 3; i++) {
    show.hear(1);
    show.control({ control: 'next' });
    order.push(show.image);
  }
  t.equal(new Set(order).size, 4);
  for (const before of order.slice(0, -1).reverse()) {
    show.hear(1);
    show.control({ control: 'back' });
    t.equal(show.image, before);
  }
  show.hear(1);
  show.control({ control: 'back' });
  t.match(show.refusals, ['there is no picture before this one that may be shown']);
});

t.test('blackout fades to black and back to the same picture', async (t) => {
  const show = new Show(pictures(30));
  show.hear(10, LOUD, { mood: GLAD });
  const { image } = show;
  show.control({ control: 'blackout', on: true, fadeSeconds: 3 });
  t.equal(showStateOf(show.state), 'blackout');
  t.same(show.effects.at(-1), { kind: 'blackout', atSeconds: show.now, on: true, fadeSeconds: 3 });
  show.hear(60, LOUD, { mood: SAD });
  show.control({ control: 'blackout', on: false });
  t.equal(show.image, image);
  t.match(show.state.screens[0], { sinceSeconds: show.now, crossfadeSeconds: 1 });
  show.hear(10, LOUD, { mood: SAD });
  t.not(show.image, image, 'then the music goes on');
});

t.test('a pinned picture stays until it is let go', async (t) => {
  const show = new Show(pictures(30));
  show.hear(1);
  show.control({ control: 'pin', image: 'p7' });
  t.equal(show.image, 'p7');
  show.hear(100, LOUD, { mood: SAD });
  t.equal(show.image, 'p7');
  show.control({ control: 'pin', image: 'nothing' });
  t.match(show.refusals, ['the picture nothing is not in the gallery']);
  t.equal(show.image, 'p7');
  show.control({ control: 'pin', image: null });
  show.hear(10, LOUD, { mood: GLAD });
  t.not(show.image, 'p7');
});

t.test('a banned picture goes at once and comes back only when allowed', async (t) => {
  const show = new Show(pictures(12), { minimumDwellSeconds: 0, maximumDwellSeconds: 1 });
  const banned = show.image!;
  show.control({ control: 'ban', on: true });
  t.not(show.image, banned);
  show.hear(60, LOUD, { mood: GLAD });
  t.notOk(show.shown.slice(1).some(({ image }) => image === banned));
  show.control({ control: 'pin', image: banned });
  t.match(show.refusals.at(-1), /is banned/);
  const after = new Show(show.state.catalogue, {}, remembered(show.state));
  t.ok(after.state.bans.has(banned), 'the next run knows it');
  t.equal(after.image, show.image, 'and shows the same picture');
  show.control({ control: 'ban', image: banned, on: false });
  show.control({ control: 'pin', image: banned });
  show.hear(1);
  t.equal(show.image, banned);
});

t.test('what a person hides is not shown, even where unsafe pictures are', async (t) => {
  const [a, b] = pictures(2) as [CataloguePicture, CataloguePicture];
  const show = new Show(
    [
      { ...a, hidden: true, unsafe: true },
      { ...b, unsafe: true },
    ],
    { allowUnsafe: true },
  );
  t.equal(show.image, 'p1');
  show.control({ control: 'pin', image: 'p0' });
  t.match(show.refusals, [/is hidden by hand/]);
});

t.test('banks are switched at once; one that is not there or empty changes nothing', async (t) => {
  const gallery = [
    ...pictures(5, { bank: 'night' }).map((picture) => ({ ...picture, id: `n-${picture.id}` })),
    ...pictures(5, { bank: 'day/noon' }).map((picture) => ({ ...picture, id: `d-${picture.id}` })),
    ...pictures(2, { bank: 'secret', unsafe: true }).map((picture) => ({
      ...picture,
      id: `s-${picture.id}`,
    })),
  ];
  const show = new Show(gallery);
  show.control({ control: 'bank', bank: 'night' });
  t.match(show.image, /^n-/);
  show.hear(1.1);
  show.control({ control: 'bank', bank: 'day' });
  t.match(show.image, /^d-/, 'a folder holds those of its folders');
  show.control({ control: 'bank', bank: 'dusk' });
  show.control({ control: 'bank', bank: 'secret' });
  t.match(show.refusals, [
    'the bank dusk does not exist: the gallery has day, day/noon, night, secret',
    'the bank secret holds no picture that may be shown',
  ]);
  show.hear(60, LOUD, { mood: GLAD });
  t.ok(show.shown.slice(2).every(({ image }) => image!.startsWith('d-')));
});

t.test('what was to come next when the bank changes must be of the new bank', async (t) => {
  const banks = ['night', 'day'];
  const gallery = pictures(12).map((picture, i) => ({ ...picture, bank: banks[i % 2]! }));
  const show = new Show(gallery);
  const bankOf = (id: string | null) => gallery.find((picture) => picture.id === id)!.bank;
  const bank = bankOf(show.image);
  // The picture on show has just come: the next one has to wait.
  let next: string | undefined;
  for (let tries = 0; tries < 6 && (next === undefined || bankOf(next) === bank); tries++) {
    show.control({ control: 'next' });
    next = show.state.postponed!.image;
    if (bankOf(next) === bank) show.control({ control: 'ban', on: true, image: next });
  }
  t.not(bankOf(next!), bank);
  show.control({ control: 'bank', bank });
  show.hear(2, QUIET);
  t.notOk(
    show.shown.some(({ image }) => image === next),
    'not even for a moment',
  );
  t.equal(bankOf(show.image), bank);
});

t.test('the bank of an older run that has gone is no reason for black', async (t) => {
  const show = new Show(pictures(5, { bank: 'night' }), { bank: 'day' });
  t.not(show.image, null);
});

t.test(
  'a picture that breaks while on show, even pinned, is replaced and comes again only with a new gallery',
  async (t) => {
    const show = new Show(pictures(5));
    show.hear(1);
    show.control({ control: 'pin', image: 'p3' });
    show.send({ kind: 'broken', atSeconds: show.now, image: 'p3' });
    t.not(show.image, 'p3');
    t.equal(show.lastShown.reason, 'replacement');
    show.hear(200, LOUD, { mood: GLAD });
    t.notOk(show.shown.slice(2).some(({ image }) => image === 'p3'));
    show.control({ control: 'pin', image: 'p3' });
    t.match(show.refusals.at(-1), /can no longer be read/);
    show.send({ kind: 'catalogue', atSeconds: show.now, catalogue: catalogueOf(pictures(6)) });
    show.control({ control: 'pin', image: 'p3' });
    show.hear(2);
    t.equal(show.image, 'p3', 'it may have been mended');
  },
);

t.test('when all pictures break, the last one stays, and the first that is mended comes', async (t) => {
  const show = new Show(pictures(5), { screens: 2 });
  show.hear(10, LOUD, { mood: GLAD });
  let shown = show.image!;
  for (let i = 0; i < 5; i++) {
    shown = show.image!;
    show.send({ kind: 'broken', atSeconds: show.now, image: shown });
  }
  t.equal(show.state.allowed.length, 0);
  t.equal(show.image, shown, 'better than black');
  t.not(show.state.screens[1]!.image, null);
  show.hear(60, LOUD);
  t.equal(show.image, shown);
  show.control({ control: 'next' });
  t.match(show.refusals, [/no other picture/]);
  show.control({ control: 'ban', on: true });
  t.equal(show.image, null, 'but not against the will of the operator');
  const other = shown === 'p2' ? 'p3' : 'p2';
  show.send({ kind: 'mended', atSeconds: show.now, image: other });
  t.equal(show.image, other);
});

t.test('while no picture can be read all screens stay, and the operator is obeyed afterwards', async (t) => {
  const show = new Show(pictures(30), { screens: 3 });
  show.hear(10, LOUD, { mood: GLAD });
  const images = () => show.state.screens.map(({ image }) => image);
  const before = images();
  show.send({ kind: 'reach', atSeconds: show.now, reachable: false });
  show.hear(60, LOUD, { mood: SAD });
  show.hear(60, QUIET);
  show.control({ control: 'pin', image: 'p3' });
  t.same(images(), before);
  show.send({ kind: 'reach', atSeconds: show.now, reachable: true });
  t.equal(show.image, 'p3');
});

t.test('a pin that is kept holds only while its picture is there and may be shown', (t) => {
  const kept = { images: [], bans: ['p2'], hold: false, blackout: false };
  const pinOf = (pin: string) => new Show(pictures(5), {}, { ...kept, pin }).state.pin;
  t.equal(pinOf('p3'), 'p3');
  t.equal(pinOf('p2'), null, 'banned');
  t.equal(pinOf('p9'), null, 'gone');
  t.end();
});

t.test('a gallery that changes keeps the picture on show if it is still there', async (t) => {
  const show = new Show(pictures(5));
  const { image } = show;
  show.send({ kind: 'catalogue', atSeconds: 1, catalogue: catalogueOf(pictures(40)) });
  t.equal(show.image, image);
  const without = pictures(40).filter(({ id }) => id !== image);
  show.send({ kind: 'catalogue', atSeconds: 2, catalogue: catalogueOf(without) });
  t.not(show.image, image);
  show.send({ kind: 'catalogue', atSeconds: 3, catalogue: catalogueOf([]) });
  t.equal(show.image, null);
  show.send({ kind: 'catalogue', atSeconds: 4, catalogue: catalogueOf(pictures(1)) });
  t.equal(show.image, 'p0');
});

t.test('galleries of none, one and two', async (t) => {
  for (const count of [0, 1, 2]) {
    const show = new Show(pictures(count), { screens: 3 });
    show.hear(100, LOUD, { mood: count === 0 ? undefined! : GLAD, onsets: true });
    show.hear(100, QUIET);
    show.control({ control: 'next' });
    show.control({ control: 'back' });
    const images = new Set(show.shown.map(({ image }) => image));
    t.equal(images.size, count);
    t.equal(show.image === null, count === 0);
    t.equal(show.shown.length <= 1, count < 2, 'only where there are two is there a change');
  }
});

t.test('near copies do not follow each other', async (t) => {
  const gallery = pictures(40).map((picture, i) => ({
    ...picture,
    // p0 … p19 are ten pairs of near copies at nearly the same place.
    ...(i < 20 && {
      duplicateGroup: `pair ${i >> 1}`,
      valence: 0.8 + (i >> 1) / 1000,
      arousal: 0.6 + (i & 1) / 1000,
    }),
  }));
  const show = new Show(gallery, { minimumDwellSeconds: 1, maximumDwellSeconds: 2, noRepeat: 12 });
  show.hear(120, LOUD, { mood: { valence: 0.8, arousal: 0.6 } });
  const duplicateGroup = show.shown.map(
    ({ image }) => show.state.catalogue.pictures[Number(image!.slice(1))]!.duplicateGroup ?? image,
  );
  t.ok(duplicateGroup.length > 40);
  for (let i = 1; i < duplicateGroup.length; i++) t.not(duplicateGroup[i], duplicateGroup[i - 1]);
});

t.test('of near copies the largest that may be shown', async (t) => {
  const sizes = [160 * 120, 4000 * 3000, 1920 * 1440];
  const gallery = pictures(12).map((picture, i) => ({
    ...picture,
    bank: i < 3 ? ['thumbs', '', 'web'][i]! : 'others',
    ...(i < 3 && { duplicateGroup: 'the sea', pixels: sizes[i]!, valence: 0.8, arousal: 0.6 }),
  }));
  const show = new Show(gallery, { minimumDwellSeconds: 1, maximumDwellSeconds: 2, noRepeat: 3 });
  const shownIn = (seconds: number): (string | null)[] => {
    const from = show.shown.length;
    show.hear(seconds, LOUD, { mood: { valence: 0.8, arousal: 0.6 } });
    return show.shown.slice(from).map(({ image }) => image);
  };
  const first = shownIn(60);
  t.ok(first.includes('p1') && !first.includes('p0') && !first.includes('p2'));
  show.control({ control: 'ban', on: true, image: 'p1' });
  const second = shownIn(60);
  t.ok(second.includes('p2') && !second.includes('p0') && !second.includes('p1'));
  show.control({ control: 'bank', bank: 'thumbs' });
  shownIn(10);
  t.equal(show.image, 'p0', 'the only copy of its bank');
});

t.test('several screens show different pictures that fit', async (t) => {
  const show = new Show(pictures(60), { screens: 4 });
  for (const mood of [GLAD, SAD, GLAD]) {
    show.hear(20, LOUD, { mood });
    const images = show.state.screens.map(({ image }) => image!);
    t.equal(new Set(images).size, 4);
    for (const image of images) t.ok(distance(show, image, mood) < 0.4);
  }
  const alone = new Show(pictures(60), { screens: 1, crossfadeSeconds: 0 });
  const together = new Show(pictures(60), { screens: 8, crossfadeSeconds: 0 });
  for (const one of [alone, together]) {
    for (const mood of [GLAD, SAD]) one.hear(30, LOUD, { mood });
    for (let i = 0; i < 30; i++) {
      one.hear(0.3, LOUD, { onsets: true });
      one.control(i % 4 === 3 ? { control: 'ban', on: true } : { control: 'next' });
    }
    one.control({ control: 'blackout', on: true, fadeSeconds: 0 });
    one.control({ control: 'blackout', on: false, fadeSeconds: 0 });
    one.hear(20, LOUD, { mood: GLAD });
  }
  t.same(together.shown, alone.shown, 'the main screen does not depend on the others');
  t.same(together.state.blackout, alone.state.blackout);
});

t.test('the flash limiter: what can wait waits, what cannot fades slowly', async (t) => {
  const show = new Show(pictures(60), { crossfadeSeconds: 0 });
  show.hear(5, LOUD);
  const before = show.shown.length;
  for (let i = 0; i < 6; i++) show.control({ control: 'next' });
  t.equal(show.shown.length, before + 1, 'all presses of one moment are one change');
  for (let i = 0; i < 8; i++) {
    show.hear(0.1, LOUD);
    show.control({ control: 'next' });
  }
  t.equal(show.shown.length, before + 3);
  const banned = show.image;
  show.control({ control: 'ban', on: true });
  t.not(show.image, banned);
  t.ok(show.lastShown.crossfadeSeconds >= 2);
  const free = new Show(pictures(60), { crossfadeSeconds: 0, flashLimiter: false });
  for (let i = 0; i < 8; i++) {
    free.hear(0.1, LOUD);
    free.control({ control: 'next' });
  }
  t.equal(free.shown.length, 9, 'switched off, every press counts');
});

t.test('the gate decides which noise wakes the show', async (t) => {
  for (const [decibels, state] of [
    [-30, 'live'],
    [-10, 'idle'],
  ] as const) {
    const show = new Show(pictures(3));
    show.control({ control: 'gate', decibels });
    show.hear(2, LOUD);
    t.equal(showStateOf(show.state), state, `${decibels} dB`);
  }
});

t.test('settings by control', async (t) => {
  const show = new Show(pictures(3));
  show.control({ control: 'sensitivity', value: 0.2 });
  show.control({ control: 'dwell', minimumSeconds: 3, maximumSeconds: 9 });
  show.control({ control: 'crossfade', seconds: 4 });
  show.control({ control: 'smoothing', seconds: 5 });
  show.control({ control: 'gate', decibels: -20 });
  show.control({ control: 'mood-offset', valence: 0.1, arousal: -0.2 });
  show.control({ control: 'fit', value: 0.75 });
  t.match(show.state.settings, {
    sensitivity: 0.2,
    minimumDwellSeconds: 3,
    maximumDwellSeconds: 9,
    crossfadeSeconds: 4,
    smoothingSeconds: 5,
    gateOpensRms: 0.1,
    gateClosesRms: 10 ** (-26 / 20),
    moodOffset: { valence: 0.1, arousal: -0.2 },
    fit: 0.75,
  });
});

t.test('each display has the fit that an operator chose last, until it is taken back', async (t) => {
  const show = new Show(pictures(3));
  const choose = (display: string, fit: 'cover' | 'pan' | null) => {
    show.control({ control: 'display-fit', display, fit });
    return show.state.settings.displayFits;
  };
  choose('left', 'pan');
  t.strictSame(choose('', 'cover'), [
    { display: 'left', fit: 'pan' },
    { display: '', fit: 'cover' },
  ]);
  t.strictSame(choose('left', 'cover'), [
    { display: '', fit: 'cover' },
    { display: 'left', fit: 'cover' },
  ]);
  t.strictSame(choose('', null), [{ display: 'left', fit: 'cover' }]);
  for (let i = 0; i < 100; i++) choose(`d${i}`, 'pan');
  t.equal(show.state.settings.displayFits.length, 64, 'bounded, whatever is chosen');
  t.strictSame(show.state.settings.displayFits.at(-1), { display: 'd99', fit: 'pan' });
});

t.test('few pictures repeat after half of them', async (t) => {
  const show = new Show(pictures(10), { noRepeat: 12, minimumDwellSeconds: 1, maximumDwellSeconds: 2 });
  t.equal(noRepeatWithin(show.state), 5);
  show.send(matchOf(show.state, GLAD, 0));
  show.hear(60, LOUD, { mood: GLAD });
  const shown = show.shown.map(({ image }) => image);
  for (let i = 0; i + 6 <= shown.length; i++) t.equal(new Set(shown.slice(i, i + 6)).size, 6);
});
