import { fileURLToPath } from 'node:url';
import type { Browser } from 'puppeteer-core';
import t, { type Test } from 'tap';
import { type GalleryPage, type GalleryQuery, ShowServer } from '../../src/server/index.ts';
import { FakeShow, stateOf } from '../src/server/support/fake-show.ts';
import { statusWith } from './console/support/status.ts';
import { launchBrowser, open } from './support/browser.ts';

/* The console on a show of the test's own, which says only what it is told to say. */

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

class ConsoleShow extends FakeShow {
  revision = 'first';
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
    const upcoming = { upcoming: ['p7', 'p8'], upcomingFits: [1, 0.5] };
    return {
      ...statusWith({ pictures, bans: [...bans], blackout, ...upcoming }),
      model,
    } as unknown as ReturnType<FakeShow['status']>;
  }

  override gallery({ offset, limit }: GalleryQuery): GalleryPage {
    const length = Math.max(0, Math.min(limit, this.#count - offset));
    const pictures = Array.from({ length }, (_, i) => {
      const reading = {
        valence: (((offset + i) * 7919) % 1000) / 1000,
        arousal: (((offset + i) * 104_729) % 1000) / 1000,
      };
      return {
        ...{ id: `p${offset + i}`, file: `p${offset + i}.jpg`, bank: null, unsafe: false, banned: false },
        ...{ ...reading, reading, hand: null, width: 4, height: 3 },
      };
    });
    return { total: this.#count, revision: this.revision, pictures };
  }
}

const browser = await launchBrowser(t);
if (browser !== undefined) {
  await t.test('a gallery of 25,000', { timeout: 120_000 }, (t) => large(t, browser));
  await t.test('a console without a token, and with one', { timeout: 60_000 }, (t) => token(t, browser));
  await t.test('what matters is in sight', { timeout: 60_000 }, (t) => layout(t, browser));
}

async function serveConsole(t: Test, count: number) {
  const show = new ConsoleShow(count);
  const options = { show, token: TOKEN, port: 0, version: '0.0.0', staticFolder: WEB_CLIENT };
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

async function layout(t: Test, browser: Browser): Promise<void> {
  const { address } = await serveConsole(t, 40);
  const desk = await open(t, browser, `${address}#token=${TOKEN}`);
  await desk.waitForFunction(`${TILES} === 40`);
  await desk.waitForFunction(`document.querySelector('#facts').textContent.includes('1 client')`);
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
