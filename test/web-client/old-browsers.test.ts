import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { ShowServer, type WatchedDisplay } from '../../src/server/index.ts';
import { emptyFolder } from '../support/folder.ts';
import { FakeShow, stateOf } from '../src/server/support/fake-show.ts';
import { statusWith } from './console/support/status.ts';
import { launchBrowser, open } from './support/browser.ts';

/* The pages in a browser that lacks what the oldest ones lack that they are made for, and less. */

const WEB_CLIENT = fileURLToPath(new URL('../../dist/web-client', import.meta.url));

/** What Chromium 79, Safari 14 or Firefox 78 lacks of what a page of today may use. */
const LACKED = [
  ...['at', 'findLast', 'findLastIndex', 'toSorted', 'toReversed', 'toSpliced', 'with'].map(
    (name) => `Array.prototype.${name}`,
  ),
  ...['at', 'replaceAll', 'isWellFormed', 'toWellFormed'].map((name) => `String.prototype.${name}`),
  ...['hasOwn', 'groupBy'].map((name) => `Object.${name}`),
  ...['any', 'withResolvers', 'try'].map((name) => `Promise.${name}`),
  ...['replaceChildren', 'getAnimations', 'checkVisibility', 'setHTMLUnsafe'].map(
    (name) => `Element.prototype.${name}`,
  ),
  ...['ariaPressed', 'ariaLabel', 'ariaHidden', 'ariaDisabled'].map((name) => `Element.prototype.${name}`),
  ...['show', 'showModal', 'close'].map((name) => `HTMLDialogElement.prototype.${name}`),
  ...['union', 'intersection', 'difference'].map((name) => `Set.prototype.${name}`),
  ...['finished', 'ready', 'commitStyles', 'persist', 'replaceState'].map(
    (name) => `Animation.prototype.${name}`,
  ),
  ...['roundRect', 'reset', 'createConicGradient'].map(
    (name) => `CanvasRenderingContext2D.prototype.${name}`,
  ),
  ...['showPicker'].flatMap((name) => [
    `HTMLSelectElement.prototype.${name}`,
    `HTMLInputElement.prototype.${name}`,
  ]),
  ...['timeout', 'any', 'abort'].map((name) => `AbortSignal.${name}`),
  ...['randomUUID'].map((name) => `Crypto.prototype.${name}`),
  ...['canParse', 'parse'].map((name) => `URL.${name}`),
  ...['requestFullscreen'].map((name) => `Element.prototype.${name}`),
  ...['wakeLock', 'userActivation'].map((name) => `Navigator.prototype.${name}`),
  ...['structuredClone', 'AggregateError', 'WeakRef', 'FinalizationRegistry', 'visualViewport', 'Iterator'],
  ...['requestIdleCallback', 'scheduler', 'reportError'],
];

/** Deletes these before the scripts of a page run. */
function without(paths: readonly string[]): string {
  return `for (const path of ${JSON.stringify(paths)}) {
    const names = path.split('.');
    const last = names.pop();
    const owner = names.reduce((value, name) => value?.[name], window);
    if (owner !== undefined) delete owner[last];
  }`;
}

const TOP_PICTURE = `document.querySelector('.layer:last-child')?.dataset.picture`;

class ShowWithStatus extends FakeShow {
  override status() {
    const model = { folder: '/models/night', engine: 'cpu' };
    return {
      ...statusWith({ upcoming: ['b', 'c'], upcomingFits: [1, 0.5] }),
      model,
    } as unknown as ReturnType<FakeShow['status']>;
  }
}

const folder = emptyFolder(t);
const browser = await launchBrowser(t);
for (const id of ['a', 'b', 'c', 'd']) {
  await sharp({ create: { width: 64, height: 36, channels: 3, background: { r: 200, g: 60, b: 90 } } })
    .webp()
    .toFile(join(folder, `${id}.webp`));
}
t.test('the built pages use no syntax that the oldest browsers can’t read', async (t) => {
  const files = await readdir(join(WEB_CLIENT, 'assets'));
  for (const file of files) {
    const text = await readFile(join(WEB_CLIENT, 'assets', file), 'utf8');
    if (file.endsWith('.css')) {
      t.notMatch(text, /@media not \(|[^-]inset:|width\s*<|:has\(|dvh|svh|rgb\([\d.]+ /, file);
    } else if (file.endsWith('.js')) {
      t.notMatch(text, /\?\?[^?]|\?\.[a-z[(]|this\.#|static\s*\{|&&=|\|\|=/i, file);
    }
  }
  t.ok(files.some((file) => file.endsWith('.css')) && files.some((file) => file.endsWith('.js')));
});

if (browser !== undefined) {
  await t.test('a display that lacks all of it', { timeout: 120_000 }, (t) => oldDisplay(t, browser));
  await t.test('a console that lacks all of it', { timeout: 120_000 }, (t) => oldConsole(t, browser));
  await t.test('a browser that is older still', { timeout: 120_000 }, (t) => tooOld(t, browser));
  await t.test('a fault of the program', { timeout: 120_000 }, (t) => programFault(t, browser));
  await t.test('what keeps the screen on', { timeout: 120_000 }, (t) => awake(t, browser));
}

async function served(t: Test) {
  const show = new ShowWithStatus([]);
  for (const id of ['a', 'b', 'c', 'd']) show.addPicture(id, join(folder, `${id}.webp`));
  const server = await ShowServer.open({
    show,
    port: 0,
    version: '0.0.0',
    staticFolder: WEB_CLIENT,
    limits: { badAfterMs: 1500 },
  });
  t.teardown(() => server.close());
  let time = 1;
  const next = (id: string) => {
    show.states.next(stateOf(id, ['b', 'c'], time++, time));
  };
  next('a');
  const address = `http://127.0.0.1:${server.port}/`;
  /** Waits until the first display is so. */
  const display = async (isSo: (display: WatchedDisplay) => boolean): Promise<WatchedDisplay> => {
    for (;;) {
      const answer = (await (await fetch(`${address}api/displays`)).json()) as { displays: WatchedDisplay[] };
      const [first] = answer.displays;
      if (first !== undefined && isSo(first)) return first;
      await new Promise((go) => setTimeout(go, 50));
    }
  };
  return { show, next, address, display };
}

async function oldDisplay(t: Test, browser: Browser): Promise<void> {
  const { show, next, address, display } = await served(t);
  const screen = await open(t, browser, `${address}display?name=tv`, without(LACKED));
  await screen.waitForFunction(`${TOP_PICTURE} === 'a'`);
  t.equal(await screen.evaluate(`typeof [].findLastIndex`), 'undefined', 'it lacks what it should');
  for (const id of ['b', 'c', 'd', 'a', 'b']) {
    next(id);
    await screen.waitForFunction(`${TOP_PICTURE} === '${id}'`);
  }
  const good = await display(({ report }) => report?.picture === 'b' && report.delay !== null);
  t.match(good, {
    name: 'tv',
    health: { state: 'good' },
    report: { black: false, error: null, width: 1280, height: 800, visible: true, wake: 'video' },
  });
  const { since, ...state } = stateOf('b').show;
  show.states.next({ ...stateOf('b', [], 20), show: { ...state, since, state: 'blackout', crossfade: 0 } });
  await screen.waitForFunction(`getComputedStyle(document.querySelector('#black')).opacity === '1'`);
  t.match(await display(({ report }) => report?.black === true), { health: { state: 'good' } });
  show.states.next({ ...stateOf(null, [], 21) });
  await screen.waitForFunction(`document.querySelectorAll('.layer').length === 0`);
  t.equal(await screen.evaluate(`document.querySelector('#lacks')`), null);
}

async function oldConsole(t: Test, browser: Browser): Promise<void> {
  const { show, next, address } = await served(t);
  const desk = await open(t, browser, address, without(LACKED));
  await desk.waitForFunction(`document.querySelectorAll('#gallery figure').length === 4`);
  await desk.waitForFunction(`document.querySelectorAll('#next button').length === 2`);
  next('c');
  await desk.waitForFunction(`document.querySelector('#on-show img')?.src.endsWith('/c')`);
  const b = { key: 'и', code: 'KeyB' };
  await desk.evaluate(`dispatchEvent(new KeyboardEvent('keydown', ${JSON.stringify(b)}))`);
  while (show.asked.length === 0) await new Promise((go) => setTimeout(go, 20));
  t.strictSame(show.asked, [{ control: 'blackout', on: true }], 'on a Cyrillic layout');
  await desk.click('#help-open');
  t.match(await desk.evaluate(`document.querySelector('#help').innerText`), /Keys/);
  await desk.keyboard.press('Escape');
  t.equal(await desk.evaluate(`document.querySelector('#help').hidden`), true);
  await desk.keyboard.press('e');
  await desk.waitForSelector('#moods [aria-pressed=true]');
  t.equal(await desk.evaluate(`document.querySelector('#lacks')`), null);
  const listen = await open(t, browser, `${address}listen`, without([...LACKED, 'AudioWorkletNode']));
  await listen.click('#microphone');
  await listen.waitForFunction(`document.querySelector('#status').textContent.includes('AudioWorklet')`);
}

async function tooOld(t: Test, browser: Browser): Promise<void> {
  const { address, display } = await served(t);
  const page = await quietPage(t, browser, without(['Element.prototype.animate', 'Object.fromEntries']));
  await page.goto(`${address}display?name=old%20tv&group=2`);
  await page.waitForSelector('#lacks', { visible: true });
  const said = String(await page.evaluate(`document.querySelector('#lacks').innerText`));
  t.match(said, /lacks Object\.fromEntries, Element\.prototype\.animate\. .*Chromium 79/);
  const { name, group, health } = await display(({ health }) => health.state === 'bad');
  t.match({ name, group, health }, { name: 'old tv', group: 2, health: { why: said.slice(0, 200) } });
  const desk = await quietPage(t, browser, without(['Object.fromEntries']));
  await desk.goto(address);
  await desk.waitForSelector('#lacks', { visible: true });
  const torn = await quietPage(t, browser, '');
  await torn.setRequestInterception(true);
  torn.on('request', (request) => {
    if (request.url().includes('/assets/display')) {
      void request.respond({ contentType: 'text/javascript', body: 'let a = ;' });
    } else void request.continue();
  });
  await torn.goto(`${address}display`);
  await torn.waitForFunction(`document.querySelector('#lacks')?.innerText.includes('could not start')`);
}

async function programFault(t: Test, browser: Browser): Promise<void> {
  const { next, address, display } = await served(t);
  const page = await quietPage(t, browser, '');
  await page.goto(`${address}display?name=left`);
  await page.waitForFunction(`${TOP_PICTURE} === 'a'`);
  await display(({ health }) => health.state === 'good');
  await page.evaluate(
    `window.animate = Element.prototype.animate; Element.prototype.animate = () => { throw new TypeError('no such thing'); }`,
  );
  next('b');
  const { health } = await display(({ health }) => health.state === 'bad');
  t.equal(health.why, 'the page failed: no such thing', 'a fault of the program is none of the picture');
  await page.evaluate(`Element.prototype.animate = window.animate`);
  next('c');
  await display(({ health, report }) => health.state === 'good' && report?.error === null);
  // And a picture that can't be loaded is.
  await page.setRequestInterception(true);
  page.on('request', (request) => void (request.url().endsWith('/d') ? request.abort() : request.continue()));
  next('d');
  t.match(await display(({ health }) => health.state === 'bad'), {
    health: { why: /picture d can’t be loaded/ },
  });
}

async function awake(t: Test, browser: Browser): Promise<void> {
  const { address, display } = await served(t);
  const playing = await open(t, browser, `${address}display`, without(['Navigator.prototype.wakeLock']));
  await display(({ report }) => report?.wake === 'video');
  const video = `document.querySelector('#awake video')`;
  t.equal(await playing.evaluate(`!${video}.paused && ${video}.muted`), true);
  const at = Number(await playing.evaluate(`${video}.currentTime`));
  await playing.waitForFunction(`${video}.currentTime > ${at} + 1`);
  await playing.close();
  const refuses = `HTMLMediaElement.prototype.play = () => Promise.reject(new DOMException('no', 'NotAllowedError'));`;
  const sleepy = await open(
    t,
    browser,
    `${address}display`,
    without(['Navigator.prototype.wakeLock']) + refuses,
  );
  await display(({ report }) => report?.wake === 'none');
  await sleepy.keyboard.press('i');
  t.match(await sleepy.evaluate(`document.querySelector('#card').textContent`), /may go to sleep/);
  const desk = await open(t, browser, address);
  await desk.waitForFunction(`document.querySelector('#displays').innerText.includes('may go to sleep')`);
}

/** A page whose errors are what is tested. */
async function quietPage(t: Test, browser: Browser, atFirst: string): Promise<Page> {
  const page = await browser.newPage({ type: 'window' });
  t.teardown(() => page.close());
  await page.setViewport({ width: 1280, height: 800 });
  await page.evaluateOnNewDocument(atFirst);
  return page;
}
