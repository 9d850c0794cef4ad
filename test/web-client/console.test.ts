import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import t, { type Test } from 'tap';
import { type GalleryPage, type GalleryQuery, ShowServer } from '../../src/server/index.ts';
import { emptyFolder } from '../support/folder.ts';
import type { Limits } from '../../src/server/limits.ts';
import { Client } from '../src/server/support/client.ts';
import { FakeShow, stateOf } from '../src/server/support/fake-show.ts';
import { statusWith } from './console/support/status.ts';
import { launchBrowser, open } from './support/browser.ts';

/* The console on a show of the test's own, which says only what the test makes it say. */

const WEB_CLIENT = fileURLToPath(new URL('../../dist/web-client', import.meta.url));
const TOKEN = 'token-of-the-test';
const MANY = 25_000;
const PAGE = 500;

const NOTE_FRAMES = `{
  window.frames = 0;
  const ask = window.requestAnimationFrame;
  window.requestAnimationFrame = (draw) => { window.frames++; return ask.call(window, draw); };
}`;
/** How long until a press of B shows, on the page and in its drawing. */
const PRESS_BLACKOUT = `new Promise((resolve) => {
  const button = document.querySelector('[data-control=blackout]');
  const wanted = button.ariaPressed === 'true' ? 'false' : 'true';
  const from = performance.now();
  new MutationObserver((_, observer) => {
    if (button.ariaPressed !== wanted) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - from)));
  }).observe(button, { attributes: true });
  dispatchEvent(new KeyboardEvent('keydown', { key: 'b' }));
})`;
const TILES = `document.querySelectorAll('#gallery figure').length`;

/** Whether the finger finds the blackout button within what is seen. */
const BLACKOUT_IN_SIGHT = `(() => {
  const button = document.querySelector('[data-control=blackout]');
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const { offsetLeft, offsetTop, width, height } = visualViewport;
  const isInside = left >= offsetLeft - 1 && right <= offsetLeft + width + 1 &&
    top >= offsetTop - 1 && bottom <= offsetTop + height + 1;
  if (!isInside) return [left, right, top, bottom, offsetLeft, offsetTop, width, height].join(' ');
  const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return button.contains(there) ? 'in sight' : 'behind ' + there?.outerHTML;
})()`;

class ConsoleShow extends FakeShow {
  revision = 'first';
  /** What the operator said of the first pictures, and whether there is something to undo. */
  readonly said = new Map<string, GalleryPage['pictures'][number]['hand']>();
  canUndo = false;
  readonly bans: string[] = [];
  readonly #count: number;
  blackout = false;

  constructor(count: number) {
    super([]);
    this.#count = count;
  }

  override status() {
    const { revision, bans, blackout } = this;
    const pictures = { total: this.#count, allowed: this.#count, revision };
    const model = { folder: '/models/night', engine: 'cpu (a runtime)' };
    const moods = {
      byHand: this.said.size,
      canUndo: this.canUndo,
      canRedo: false,
      faultCount: 0,
      faults: [],
    };
    const upcoming = { upcoming: ['p7', 'p8'], upcomingFits: [1, 0.5] };
    return {
      ...statusWith({ pictures, bans: [...bans], blackout, moods, ...upcoming }),
      model,
    } as unknown as ReturnType<FakeShow['status']>;
  }

  override publicStatus() {
    return this.status();
  }

  override gallery({ offset, limit }: GalleryQuery): GalleryPage {
    const length = Math.max(0, Math.min(limit, this.#count - offset));
    const pictures = Array.from({ length }, (_, i) => {
      const reading = {
        valence: (((offset + i) * 7919) % 1000) / 1000,
        arousal: (((offset + i) * 104_729) % 1000) / 1000,
      };
      const id = `p${offset + i}`;
      const hand = this.said.get(id) ?? null;
      const mood = {
        valence: hand?.valence ?? reading.valence,
        arousal: hand?.arousal ?? reading.arousal,
      };
      return {
        ...{ id, file: `${id}.jpg`, bank: null, unsafe: this.unsafe.has(id), banned: false },
        ...{ ...mood, reading, hand, width: 4, height: 3 },
      };
    });
    return { total: this.#count, revision: this.revision, pictures };
  }
}

/** Text of the list on each display's tile. */
const FIT_CHOICES = ['own fit', 'cover', 'contain', 'pan'];

const browser = await launchBrowser(t);
if (browser !== undefined) {
  await t.test('a gallery of 25,000', { timeout: 240_000 }, (t) => large(t, browser));
  await t.test('a console without a token, and with one', { timeout: 240_000 }, (t) => token(t, browser));
  await t.test('moods by hand', { timeout: 240_000 }, (t) => moods(t, browser));
  await t.test('displays and how they are', { timeout: 240_000 }, (t) => displays(t, browser));
  await t.test('blackout is under the thumb', { timeout: 240_000 }, (t) => thumb(t, browser));
  await t.test('what matters is in sight', { timeout: 240_000 }, (t) => layout(t, browser));
}

async function serveConsole(t: Test, count: number, limits: Partial<Limits> = {}) {
  const show = new ConsoleShow(count);
  const options = { show, token: TOKEN, port: 0, version: '0.0.0', staticFolder: WEB_CLIENT, limits };
  const server = await ShowServer.open(options);
  t.teardown(() => server.close());
  show.states.next(stateOf('p1', ['p7', 'p8']));
  return { show, address: `http://127.0.0.1:${server.port}/` };
}

async function large(t: Test, browser: Browser): Promise<void> {
  const { show, address } = await serveConsole(t, MANY);
  const desk = await open(t, browser, `${address}#token=${TOKEN}`, NOTE_FRAMES);
  const pages: string[] = [];
  let statuses = 0;
  desk.on('request', (request) => {
    const { pathname, search } = new URL(request.url());
    if (pathname === '/api/gallery') pages.push(search);
    if (pathname === '/api/state') statuses++;
  });
  await desk.waitForFunction(`document.querySelector('#gallery .bar').textContent.includes('${MANY} of')`);
  t.ok(pages.length <= MANY / PAGE, 'each page is fetched once');
  pages.length = 0;

  const frames = async () => Number(await desk.evaluate('window.frames'));
  const statusesLater = async (count: number) => {
    for (const until = statuses + count; statuses < until;) await new Promise((go) => setTimeout(go, 50));
  };
  await statusesLater(1);
  const before = await frames();
  await statusesLater(2);
  t.equal(await frames(), before, 'nothing is drawn while nothing moves');
  show.states.next(stateOf('p2', ['p7', 'p8'], 2));
  await desk.waitForFunction(`window.frames > ${before}`);

  let time = 3;
  for (const asked of [true, false]) {
    show.onControl(() => {
      show.blackout = asked;
    });
    const music = setInterval(() => {
      show.states.next({
        ...stateOf('p2', ['p7', 'p8'], time++),
        mood: { valence: (time % 7) / 6, arousal: 0.5, confidence: 1 },
      });
    }, 50);
    t.comment(`a key shows after ${Number(await desk.evaluate(PRESS_BLACKOUT)).toFixed(0)} ms`);
    clearInterval(music);
    await desk.waitForSelector(`[data-control=blackout][aria-pressed=${asked}]`);
    await statusesLater(2);
  }
  t.match(show.asked, [
    { control: 'blackout', on: true },
    { control: 'blackout', on: false },
  ]);

  show.bans.push('p3');
  await desk.waitForFunction(`document.querySelectorAll('figure')[3].className === 'banned'`);
  show.bans.length = 0;
  await desk.waitForFunction(`document.querySelectorAll('figure')[3].className === ''`);
  t.strictSame(pages, [], 'the gallery is not fetched again for all that');
  show.revision = 'second';
  await desk.waitForResponse((response) => response.url().endsWith(`offset=${MANY - PAGE}&limit=${PAGE}`));
  t.equal(pages.length, MANY / PAGE, 'but once it has changed');
}

async function token(t: Test, browser: Browser): Promise<void> {
  const { show, address } = await serveConsole(t, 3);
  const desk = await open(t, browser, address);
  const why = `document.querySelector('#token-why').textContent`;
  await desk.waitForSelector('#token', { visible: true });
  t.match(await desk.evaluate(why), /may only look/);
  t.match(await desk.evaluate(`document.querySelector('#token-field').labels[0].textContent`), /terminal/);
  await desk.type('#token-field', 'token-of-nobody');
  await desk.keyboard.press('Enter');
  await desk.waitForFunction(`${why}.includes('wrong')`);
  await desk.waitForSelector('[data-link=connected]');
  await desk.type('#token-field', TOKEN);
  await desk.keyboard.press('Enter');
  await desk.waitForSelector('#token', { hidden: true });
  await desk.keyboard.press('ArrowRight');
  while (show.asked.length === 0) await new Promise((go) => setTimeout(go, 20));
  t.strictSame(show.asked, [{ control: 'next' }]);
  await desk.click('#help-open');
  t.match(await desk.evaluate(`document.querySelector('#help').innerText`), /\/display.*F.*I.*\/listen/s);
}

/** Where a mood is on the page, while all of the plane is seen. */
async function placeOf(desk: Page, valence: number, arousal: number): Promise<{ x: number; y: number }> {
  const box = (await (await desk.$('#plane'))!.boundingBox())!;
  return {
    x: box.x + 58 + valence * (box.width - 58 - 14),
    y: box.y + box.height - 42 - arousal * (box.height - 10 - 42),
  };
}

async function moods(t: Test, browser: Browser): Promise<void> {
  const { show, address } = await serveConsole(t, 12);
  const asked = async (count: number) => {
    while (show.asked.length < count) await new Promise((go) => setTimeout(go, 20));
    return show.asked.at(-1) as { image: string; valence: number; arousal: number };
  };
  /** The show has done it, and the page knows. */
  const done = async (id: string, hand: { valence: number | null; arousal: number | null } | null) => {
    if (hand === null) show.said.delete(id);
    else show.said.set(id, hand);
    show.canUndo = true;
    show.revision += '+';
    await desk.waitForFunction(`!document.querySelector('#moods p').textContent.includes('→')`);
    await desk.waitForFunction(
      `document.querySelector('#moods .bar').textContent.includes('${show.said.size} by')`,
    );
  };
  const words = () => desk.evaluate(`document.querySelector('#moods p').textContent`);
  const desk = await open(t, browser, `${address}#token=${TOKEN}`);
  await desk.waitForFunction(`${TILES} === 12`);
  // p1 is at 0.919, 0.729, p2 at 0.838, 0.458, p3 at 0.757, 0.187.
  const drag = async (from: { x: number; y: number }, right: number, down: number) => {
    await desk.mouse.move(from.x, from.y);
    await desk.mouse.down();
    await desk.mouse.move(from.x + right, from.y + down, { steps: 5 });
  };

  await desk.keyboard.press('e');
  await desk.waitForSelector('#moods [aria-pressed=true]');
  const p2 = await placeOf(desk, 0.838, 0.458);
  await desk.mouse.click(p2.x + 2, p2.y);
  t.match(await words(), /^p2\.jpg: 0\.84, 0\.46 \(the model’s\)$/, 'a click chooses');
  await drag(p2, 3, 3);
  await desk.mouse.up();
  await drag(p2, -80, 40);
  t.match(await words(), /→ 0\.\d\d, 0\.\d\d$/);
  await desk.keyboard.press('Escape');
  await desk.mouse.up();
  t.equal(show.asked.length, 0, 'and neither a hand that shakes nor a drag that is left asks for anything');
  await drag(p2, -80, 40);
  await desk.mouse.up();
  const { image, valence, arousal } = await asked(1);
  const plane = (await (await desk.$('#plane'))!.boundingBox())!;
  t.equal(image, 'p2');
  t.ok(Math.abs(valence - (0.838 - 80 / (plane.width - 72))) < 0.01, `valence ${valence}`);
  t.ok(Math.abs(arousal - (0.458 - 40 / (plane.height - 52))) < 0.01, `arousal ${arousal}`);
  await done('p2', { valence, arousal });
  t.match(await words(), /\(by hand, the model predicts 0\.84, 0\.46\)$/);
  t.ok(await desk.$('figure.by-hand img[alt="p2.jpg"]'));

  await desk.keyboard.press('Delete');
  t.strictSame(await asked(2), { control: 'mood', image: 'p2', valence: null, arousal: null });
  await done('p2', null);
  await desk.keyboard.press('PageDown');
  t.match(await words(), /^p3\.jpg/);
  await desk.keyboard.press('ArrowLeft');
  await desk.keyboard.press('ArrowLeft');
  t.match(await words(), /→ 0\.74, 0\.19$/);
  await desk.keyboard.press('Enter');
  t.strictSame(await asked(3), { control: 'mood', image: 'p3', valence: 0.737, arousal: null });
  await done('p3', { valence: 0.737, arousal: null });
  await desk.keyboard.down('Control');
  await desk.keyboard.press('z');
  await desk.keyboard.up('Control');
  t.strictSame(await asked(4), { control: 'mood-undo' });

  const downloads = emptyFolder(t);
  const session = await desk.createCDPSession();
  await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: downloads });
  show.csv = '# mine\nfile,valence,arousal\n./=1.jpg,0.25,\n';
  await desk.click('#moods [title^=save]');
  const exported = () => readFile(join(downloads, 'moods.csv'), 'utf8').catch(() => '');
  while ((await exported()) !== show.csv) await new Promise((go) => setTimeout(go, 20));
  t.equal(await exported(), show.csv, 'the file is brought home letter by letter');

  const csv = join(t.testdir({ 'theirs.csv': 'file,valence,arousal\np1.jpg,0,0\n' }), 'theirs.csv');
  const [chooser] = await Promise.all([
    desk.waitForFileChooser(),
    desk.click('#moods .tools > button:last-of-type'),
  ]);
  const answered = desk.waitForResponse((response) => response.url().endsWith('/api/moods') && response.ok());
  await chooser.accept([csv]);
  await answered;
  t.equal(show.csv, 'file,valence,arousal\np1.jpg,0,0\n');

  await desk.keyboard.press('e');
  await desk.waitForSelector('#moods [aria-pressed=false]');
  await desk.keyboard.press('ArrowLeft');
  t.strictSame(await asked(5), { control: 'back' }, 'outside of it the keys are the show’s');

  // On a telephone, from the picture's tile in the gallery.
  await desk.setViewport({ width: 390, height: 844, hasTouch: true, isMobile: true });
  await desk.reload();
  await desk.waitForFunction(`${TILES} === 12`);
  await desk.evaluate(`document.querySelectorAll('figcaption button:last-child')[1].click()`);
  await desk.waitForFunction(`document.querySelector('#moods p').textContent.startsWith('p1.jpg')`);
  await desk.evaluate(`document.querySelector('#plane').scrollIntoView({ block: 'center' })`);
  // Whatever is looked at, the finger finds blackout.
  const inSight = `(() => {
    const button = document.querySelector('[data-control=blackout]');
    const { left, right, top, bottom } = button.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) return 'from ' + top + ' to ' + bottom + ' of ' + innerHeight;
    const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return button.contains(there) ? 'in sight' : 'behind ' + there?.outerHTML;
  })()`;
  for (const place of ['#on-show', '#plane', '#moods', '#gallery', '#gallery figure:last-of-type']) {
    await desk.evaluate(`document.querySelector('${place}').scrollIntoView({ block: 'center' })`);
    t.equal(await desk.evaluate(inSight), 'in sight', place);
  }
  await desk.evaluate(`document.querySelector('#plane').scrollIntoView({ block: 'center' })`);
  const p1 = await placeOf(desk, 0.919, 0.729);
  await desk.touchscreen.touchStart(p1.x, p1.y);
  for (const step of [10, 30, 60]) await desk.touchscreen.touchMove(p1.x - step, p1.y);
  await desk.touchscreen.touchEnd();
  const touched = await asked(6);
  t.match(touched, { control: 'mood', image: 'p1', arousal: null });
  t.ok(touched.valence < 0.8 && touched.valence > 0.6, `valence ${touched.valence}`);
}

async function displays(t: Test, browser: Browser): Promise<void> {
  const { show, address } = await serveConsole(t, 12, { badAfterMs: 1500 });
  show.addPicture('p1', '/nowhere/p1.webp');
  show.states.next(stateOf('p1'));
  const desk = await open(t, browser, `${address}#token=${TOKEN}`);
  await desk.waitForFunction(`document.querySelector('#displays').innerText.includes('none: open /display')`);
  const join = async (name: string) => {
    const display = await Client.open(`${address.replace('http', 'ws')}stream?name=${name}&group=2`);
    t.teardown(() => {
      display.socket.terminate();
    });
    return display;
  };
  const tiles = `[...document.querySelectorAll('.screens figure')]`;
  const left = await join('left');
  const right = await join('%3Cb%3Eright');
  const report = (error: string | null = null) => {
    const size = { width: 1920, height: 1080 };
    left.send({ type: 'report', picture: 'p1', error, delay: 43.2, wake: 'none', ...size });
    right.send({ type: 'report', picture: 'nobody', ...size });
  };
  const reporting = setInterval(report, 200);
  t.teardown(() => {
    clearInterval(reporting);
  });
  await desk.waitForFunction(`${tiles}.map(({ dataset }) => dataset.health).join() === 'bad,good'`);
  t.strictSame(await desk.evaluate(`${tiles}.map((tile) => tile.innerText.split('\\n'))`), [
    ['<b>right · group 2', 'does not show the picture on show', '1920 × 1080', ...FIT_CHOICES],
    ['left · group 2', 'good', 'delay 43 ms · 1920 × 1080 · may go to sleep', ...FIT_CHOICES],
  ]);
  t.strictSame(await desk.evaluate(`${tiles}.map((tile) => tile.querySelector('img').getAttribute('src'))`), [
    null,
    'api/thumbnails/p1',
  ]);
  t.equal(await desk.evaluate(`document.querySelector('#facts .bad').textContent`), '1 of 2 displays bad');
  const red = `getComputedStyle(${tiles}[0]).borderLeftColor`;
  t.equal(await desk.evaluate(red), 'rgb(255, 92, 92)');
  clearInterval(reporting);
  left.socket.terminate();
  await desk.waitForFunction(`${tiles}[0].innerText.includes('gone')`);
  // Who may only look doesn't learn who else is there.
  const guest = await open(t, browser, address);
  await guest.evaluate(`sessionStorage.clear()`);
  await guest.waitForFunction(`document.querySelector('#facts').textContent.includes('latency')`);
  t.equal(await guest.evaluate(`document.querySelector('#displays').hidden`), true);
}

async function thumb(t: Test, browser: Browser): Promise<void> {
  const { show, address } = await serveConsole(t, 200);
  for (const [width, height] of [
    [390, 844],
    [844, 390],
    [320, 568],
    [1180, 820],
  ] as const) {
    const desk = await open(t, browser, 'about:blank');
    await desk.setViewport({ width, height, hasTouch: true, isMobile: true });
    await desk.goto(`${address}#token=${TOKEN}`);
    await desk.waitForFunction(`${TILES} >= 100`);
    const at = `at ${width} × ${height}`;
    for (const place of ['header', '#plane', '#gallery .bar', 'figure:last-of-type']) {
      await desk.evaluate(`document.querySelector('${place}').scrollIntoView({ block: 'center' })`);
      t.equal(await desk.evaluate(BLACKOUT_IN_SIGHT), 'in sight', `${place} ${at}`);
    }
    await desk.evaluate(`document.querySelector('#help-open').click()`);
    t.equal(await desk.evaluate(BLACKOUT_IN_SIGHT), 'in sight', `over the help ${at}`);
    const session = await desk.createCDPSession();
    await session.send('Emulation.setPageScaleFactor', { pageScaleFactor: 2.5 });
    await desk.waitForFunction(`${BLACKOUT_IN_SIGHT} === 'in sight'`);
    const asked = show.asked.length;
    await desk.evaluate(`document.querySelector('[data-control=blackout]').click()`);
    while (show.asked.length === asked) await new Promise((go) => setTimeout(go, 20));
    await desk.close();
  }
  t.equal(show.asked.length, 4);
}

async function layout(t: Test, browser: Browser): Promise<void> {
  const { show, address } = await serveConsole(t, 40);
  show.unsafe.add('p2');
  const desk = await open(t, browser, 'about:blank');
  const asked: string[] = [];
  desk.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await desk.goto(`${address}#token=${TOKEN}`);
  await desk.waitForFunction(`${TILES} === 40`);
  await desk.waitForFunction(`document.querySelector('#facts').textContent.includes('0 displays')`);
  const tile = (await desk.evaluate(
    `(([, , tile]) => [tile.innerText.split('\\n')[0], tile.querySelector('button').disabled])([...document.querySelectorAll('figure')])`,
  )) as [string, boolean];
  t.strictSame(tile, ['unsafe, not shown', true], 'what is unsafe is no broken picture, and can’t be pinned');
  await desk.evaluate(`document.querySelectorAll('figure')[2].querySelector('[title^="adjust"]').click()`);
  await desk.waitForFunction(
    `document.querySelector('#moods p').textContent.startsWith('unsafe, not shown')`,
  );
  await desk.evaluate(`document.querySelector('#moods button').click()`);
  // A browser loads what is below the window when it finds time.
  while (!asked.includes('/api/thumbnails/p1')) await new Promise((go) => setTimeout(go, 20));
  t.notOk(asked.includes('/api/thumbnails/p2'), 'nobody asks for what is unsafe');
  t.ok(await desk.evaluate(`document.querySelector('#own').hidden`), 'pictures of one’s own need no hint');
  t.ok(await desk.evaluate(`document.querySelector('[data-keys=m]').hidden`), 'nor one model a key');
  t.ok(await desk.$('[data-keys="Ctrl Z Ctrl Y"]'));
  const rows = `new Set([...document.querySelectorAll('.sliders label')].map((e) => e.getBoundingClientRect().top)).size`;
  t.equal(await desk.evaluate(rows), 2, 'sliders in two rows at 1280 × 800');
  const bottom = (selector: string) =>
    desk.evaluate(
      `Math.max(...[...document.querySelectorAll('${selector}')].map((e) => e.getBoundingClientRect().bottom))`,
    );
  for (const [width, height, selectors] of [
    [1280, 800, ['.buttons', '.sliders label', '.choices']],
    [390, 844, ['#plane', '.buttons']],
  ] as const) {
    await desk.setViewport({ width, height });
    for (const selector of selectors) {
      const at = Number(await bottom(selector));
      t.ok(at > 0 && at <= height, `${selector} ends at ${at} of ${height}`);
    }
    t.ok(
      await desk.evaluate(`document.documentElement.scrollWidth <= ${width}`),
      'nothing is beside the page',
    );
    const facts = `document.querySelector('#facts')`;
    t.ok(await desk.evaluate(`${facts}.scrollWidth <= ${facts}.clientWidth`), 'the facts are not cut');
  }
}
