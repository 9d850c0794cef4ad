import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { test, type Test } from 'tap';
import { MAIN } from '../src/cli/run.ts';

/* The pages in a real browser, on the real program with its bundled default. */

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
const WAIT_MS = 60_000;

const TOP_PICTURE = `document.querySelector('.layer:last-child')?.dataset.picture`;
const BLACKNESS = `getComputedStyle(document.querySelector('#black')).opacity`;

interface Running {
  readonly link: string;
  readonly page: (path: string) => Promise<Page>;
  readonly state: () => Promise<{
    message: { show: { state: string; image: { id: string } }; level: { rms: number } };
    status: { source: { name: string; state: string } };
  }>;
}

/** Starts the program and a browser; both end with the test. */
async function start(t: Test): Promise<Running> {
  const args = [MAIN, 'live', '--demo', '--port', '0', '--state', join(t.testdir(), 'show.json')];
  const program = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(program, 'exit');
  t.teardown(async () => {
    program.kill('SIGINT');
    await ended;
  });
  const link = await new Promise<string>((resolve, reject) => {
    let text = '';
    program.stdout.on('data', (data: Buffer) => {
      text += data.toString();
      const found = /http:\/\/\S+/.exec(text);
      if (found !== null) resolve(found[0]);
    });
    void ended.then(([code]) => {
      reject(new Error(`live ended with ${String(code)} before it was ready`));
    });
  });
  const browser: Browser = await puppeteer.launch({
    executablePath: CHROMIUM!,
    args: [
      '--no-sandbox',
      '--autoplay-policy=no-user-gesture-required',
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
    ],
    protocolTimeout: WAIT_MS,
  });
  t.teardown(() => browser.close());
  return {
    link,
    async page(path) {
      // A window each, as on screens side by side: a tab behind another one isn't drawn.
      const page = await browser.newPage({ type: 'window' });
      page.setDefaultTimeout(WAIT_MS);
      await page.setViewport({ width: 1280, height: 800 });
      page.on('pageerror', (error) => {
        t.fail(`${path}: ${String(error)}`);
      });
      page.on('console', (message) => {
        if (message.type() === 'error') t.fail(`${path}: ${message.text()}`);
      });
      await page.goto(new URL(path, link).href);
      return page;
    },
    async state() {
      const response = await fetch(new URL('/api/state', link));
      return (await response.json()) as Awaited<ReturnType<Running['state']>>;
    },
  };
}

if (CHROMIUM === undefined) {
  if (process.env['CI'] === 'true')
    test('pages in a browser', async (t) => t.fail('chromium is not installed'));
  else test('pages in a browser', { skip: 'chromium is not installed' }, async () => undefined);
} else {
  test('a display shows the picture on show, goes black and comes back', { timeout: 300_000 }, async (t) => {
    const running = await start(t);
    const display = await running.page('/display?name=left');
    await display.waitForSelector('.layer img.picture');
    const shown = (): Promise<unknown> => display.evaluate(TOP_PICTURE);
    const first = await shown();
    t.equal(first, (await running.state()).message.show.image.id, 'it is the picture on show');
    t.ok(await display.evaluate(`document.querySelector('.layer:last-child img.picture').naturalWidth > 0`));

    const desk = await running.page('/');
    await desk.waitForFunction(`document.querySelectorAll('#gallery figure').length > 20`);
    await desk.keyboard.press('ArrowRight');
    await display.waitForFunction(`${TOP_PICTURE} !== ${JSON.stringify(first)}`);
    t.pass('the key for the next picture brings another one');

    await desk.click('[data-control=blackout]');
    await display.waitForFunction(`${BLACKNESS} === '1'`);
    t.equal((await running.state()).message.show.state, 'blackout');
    await desk.waitForSelector('[data-control=blackout][aria-pressed=true]');
    await desk.click('[data-control=blackout]');
    await display.waitForFunction(`${BLACKNESS} === '0'`);
    t.pass('it comes back');

    await desk.keyboard.press('?');
    t.ok(await desk.evaluate(`document.querySelector('#help').open`), '? opens the help');
    t.match(await desk.evaluate(`document.querySelector('#facts').textContent`), /\d ms latency/);
  });

  test('the microphone of a browser is heard', { timeout: 300_000 }, async (t) => {
    const running = await start(t);
    const listen = await running.page('/listen');
    await listen.click('#microphone');
    await listen.waitForFunction(
      `document.querySelector('#status').textContent === 'The show hears this device.'`,
    );
    // The fake microphone beeps once a second.
    for (let heard = false; !heard;) {
      const { message, status } = await running.state();
      heard =
        status.source.name === 'browser' && status.source.state === 'delivering' && message.level.rms > 0.001;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    t.pass('its sound arrives');
  });
}
