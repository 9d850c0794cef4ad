import { execFile } from 'node:child_process';
import { cp, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'puppeteer-core';
import t, { type Test } from 'tap';
import { findFfmpeg } from '../../streams/sources/index.ts';
import { startLive } from '../support/live-program.ts';
import { emptyFolder } from '../support/folder.ts';
import { launchBrowser, open } from './support/browser.ts';

/* The pages in a real browser, on the real program with what it is shipped with. */

const MUSIC = fileURLToPath(new URL('../../demo/music.ogg', import.meta.url));
const GALLERY = fileURLToPath(new URL('../../demo/gallery', import.meta.url));
const INDEX = fileURLToPath(new URL('../../dist/demo-index', import.meta.url));
/** The feast of the demo's music, in seconds. */
const FEAST = { from: 24, to: 40 };

const TOP_PICTURE = `document.querySelector('.layer:last-child')?.dataset.picture`;
const BLACKNESS = `getComputedStyle(document.querySelector('#black')).opacity`;
/** How many pictures are on the page that can't be seen. */
const BROKEN = `[...document.querySelectorAll('.layer img')].filter((i) => !(i.naturalWidth > 0)).length`;
const LISTENING = `document.querySelector('#status').textContent`;
/** Notes how black a display is when its first picture comes. */
const NOTE_FIRST_BLACKNESS = `new MutationObserver((_, observer) => {
  if (document.querySelector('.layer') === null) return;
  observer.disconnect();
  window.firstBlackness = ${BLACKNESS};
}).observe(document, { childList: true, subtree: true })`;

// Removed after the programs have ended, which write to it until then.
const folder = emptyFolder(t);
const feast = join(folder, 'feast.wav');
const browser = await launchBrowser(t, [
  '--autoplay-policy=no-user-gesture-required',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
  `--use-file-for-fake-audio-capture=${feast}`,
]);
if (browser !== undefined) {
  await promisify(execFile)(await findFfmpeg(), [
    ...['-v', 'error', '-ss', String(FEAST.from), '-to', String(FEAST.to), '-i', MUSIC],
    ...['-c:a', 'pcm_s16le', feast],
  ]);
  await pages(t, browser, folder);
}

async function pages(t: Test, browser: Browser, folder: string): Promise<void> {
  await t.test('the show of a night', { timeout: 240_000 }, async (t) => {
    const state = join(folder, 'night.json');
    const live = await startLive(t, '--demo', '--port', '0', '--state', state);
    const display = await open(t, browser, `${live.origin}/display?name=left`);
    const asked: string[] = [];
    display.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const desk = await open(t, browser, live.origin);
    const shown = (): Promise<unknown> => display.evaluate(TOP_PICTURE);

    await t.test('a display shows the picture on show, and the desk changes it', async (t) => {
      await display.waitForSelector('.layer img.picture');
      await live.control({ control: 'hold', on: true });
      const first = (await live.state()).message.show.image.id;
      await display.waitForFunction(`${TOP_PICTURE} === ${JSON.stringify(first)}`);
      t.equal(await display.evaluate(BROKEN), 0);
      await desk.waitForFunction(`document.querySelectorAll('#gallery figure').length > 20`);
      await desk.keyboard.press('h');
      await desk.keyboard.press('ArrowRight');
      await display.waitForFunction(`${TOP_PICTURE} !== ${JSON.stringify(first)}`);
      await desk.keyboard.press('?');
      t.notOk(await desk.evaluate(`document.querySelector('#help').hidden`), '? opens the help');
      await desk.keyboard.press('?');
      t.ok(await desk.evaluate(`document.querySelector('#help').hidden`), 'and closes it');
      t.match(await desk.evaluate(`document.querySelector('#facts').textContent`), /\d ms latency/);
      // One has none while the console has yet to fetch the gallery that it is in.
      await desk.waitForFunction(
        `[...document.querySelectorAll('#next .why')].every((why) => why.textContent !== '')`,
      );
    });

    await t.test('a display fetches what may come next, and asks for nothing else', async (t) => {
      await live.control({ control: 'hold', on: true });
      const { id } = (await live.state()).message.show.image;
      await display.waitForFunction(`${TOP_PICTURE} === ${JSON.stringify(id)}`);
      asked.length = 0;
      await until(
        () => Promise.resolve(asked),
        (paths) => paths.some((path) => path.startsWith('/api/pictures/')),
      );
      t.strictSame(
        asked.filter((path) => path.startsWith('/api/') && !/^\/api\/(pictures|renditions)\//.test(path)),
        [],
      );
      t.equal(await shown(), id);
      await live.control({ control: 'hold', on: false });
    });

    await t.test('every press of a key counts', async (t) => {
      const before = settingsOf(await live.state()).sensitivity;
      for (const key of ['b', 'b', '-', '-', '-', '-', '-'] as const) await desk.keyboard.press(key);
      await desk.waitForFunction(
        `document.querySelector('.sliders output').textContent === '${(before - 0.25).toFixed(2)}'`,
      );
      const { message, ...answer } = await live.state();
      t.equal(settingsOf(answer).sensitivity, Number((before - 0.25).toFixed(3)));
      t.not(message.show.state, 'blackout');
    });

    await t.test('a blackout is black on a display that is switched on meanwhile', async (t) => {
      await desk.click('[data-control=blackout]');
      await display.waitForFunction(`${BLACKNESS} === '1'`);
      await desk.waitForSelector('[data-control=blackout][aria-pressed=true]');
      const late = await open(t, browser, `${live.origin}/display`, NOTE_FIRST_BLACKNESS);
      await late.waitForFunction('window.firstBlackness !== undefined');
      t.equal(await late.evaluate('window.firstBlackness'), '1');
      await desk.click('[data-control=blackout]');
      await display.waitForFunction(`${BLACKNESS} === '0'`);
    });

    await t.test('no layers pile up on a display that is hidden', async (t) => {
      const hidden = await open(t, browser, `${live.origin}/display`);
      await hidden.waitForSelector('.layer img.picture');
      const before = await browser.newPage();
      await before.bringToFront();
      await live.control({ control: 'crossfade', seconds: 0.2 });
      for (let i = 0; i < 3; i++) {
        const last: unknown = await hidden.evaluate(TOP_PICTURE);
        await live.control({ control: 'next' });
        await until(
          () => hidden.evaluate(TOP_PICTURE),
          (top) => top !== last,
        );
        // A fade may be a second late, and a slow machine later.
        await new Promise((resolve) => setTimeout(resolve, 2000));
      }
      t.equal(await hidden.evaluate('document.visibilityState'), 'hidden');
      t.equal(await hidden.evaluate(`document.querySelectorAll('.layer').length`), 2);
      await before.close();
    });

    await t.test('devices are asked for again when a source is chosen', async (t) => {
      const asked = desk.waitForRequest((request) => request.url().endsWith('/api/devices'));
      await desk.keyboard.press('s');
      await asked;
      await desk.keyboard.press('Escape');
      t.equal(await desk.evaluate(`document.activeElement.id`), '', 'and the keys are the show’s again');
    });

    const listen = await open(t, browser, `${live.origin}/listen`);
    await t.test('the microphone of a browser is heard, and felt', async (t) => {
      await listen.click('#microphone');
      await listen.waitForFunction(`${LISTENING} === 'The show hears this device.'`);
      const heard = await until(live.state, ({ message, status: { source } }) => {
        return source.name === 'browser' && message.mood.arousal > 0.5;
      });
      t.equal(heard.status.source.state, 'delivering');
      t.ok(heard.message.mood.valence > 0.5, 'a feast is pleasant, too');
    });

    await t.test('killed and started again, the show comes back to all pages by itself', async (t) => {
      await live.control({ control: 'source', source: 'demo' });
      await live.control({ control: 'next' });
      await live.control({ control: 'hold', on: true });
      const { id } = (await live.state()).message.show.image;
      await desk.close();
      await display.waitForFunction(`${TOP_PICTURE} === ${JSON.stringify(id)}`);
      // What is kept is written within a moment, not at once.
      await until(
        () => readFile(state, 'utf8'),
        (kept) => kept.includes('"hold":true') && kept.includes(id),
      );
      await live.end('SIGKILL');
      await display.waitForSelector('[data-link=lost]');
      await listen.waitForFunction(`${LISTENING}.includes('lost')`);
      t.equal(await shown(), id, 'the picture stays meanwhile');
      t.equal(await display.evaluate(BLACKNESS), '0');

      const again = await startLive(t, '--demo', '--port', String(live.port), '--state', state);
      t.match(await again.state(), { message: { show: { state: 'hold', image: { id } } } });
      await display.waitForSelector('[data-link=connected]');
      t.equal(await shown(), id);
      await again.control({ control: 'blackout', on: true });
      await display.waitForFunction(`${BLACKNESS} === '1'`);
      t.equal(await display.evaluate(BROKEN), 0);
      await listen.waitForFunction(`${LISTENING}.startsWith('Connected again')`);
      t.equal((await again.state()).status.source.name, 'demo', 'a source that was chosen since stays');
    });
  });

  await t.test('a picture that is deleted while it is on show', { timeout: 240_000 }, async (t) => {
    const index = join(folder, 'index');
    await cp(INDEX, index, { recursive: true });
    const live = await startLive(
      t,
      ...[MUSIC, '--gallery', GALLERY, '--index', index],
      ...['--port', '0', '--state', join(folder, 'deleted.json')],
    );
    const first = await open(t, browser, `${live.origin}/display`);
    await first.waitForSelector('.layer img.picture');
    await live.control({ control: 'hold', on: true });
    const { id } = (await live.state()).message.show.image;
    await rm(await fileLike(join(index, 'renditions'), `${live.origin}/api/pictures/${id}`));
    const second = await open(t, browser, `${live.origin}/display`);
    for (const display of [first, second]) {
      await display.waitForFunction(`![undefined, ${JSON.stringify(id)}].includes(${TOP_PICTURE})`);
      t.equal(await display.evaluate(BROKEN), 0);
    }
  });
}

/** The file below the folder that holds what the address does. */
async function fileLike(folder: string, address: string): Promise<string> {
  const wanted = Buffer.from(await (await fetch(address)).arrayBuffer());
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && wanted.equals(await readFile(path))) return path;
  }
  throw new Error(`nothing below ${folder} is what ${address} holds`);
}

async function until<T>(ask: () => Promise<T>, isSo: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function settingsOf({ status }: { status: object }): { readonly sensitivity: number } {
  return (status as { settings: { sensitivity: number } }).settings;
}
