import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer-core';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { createServer } from 'vite';
import { emptyFolder } from '../support/folder.ts';
import { startLive, type LiveProgram } from '../support/live-program.ts';
import { launchBrowser, open } from '../web-client/support/browser.ts';

/* The pages of examples/ in a real browser, on a real show with the built-in pictures. */

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));
const isInstalled = existsSync(join(EXAMPLES, 'node_modules', 'p5'));
const skip = !isInstalled && 'their libraries are not installed: npm ci --prefix examples';
if (skip !== false && process.env['CI'] === 'true') t.fail(skip);

const folder = emptyFolder(t);
const browser = await launchBrowser(t, ['--enable-unsafe-swiftshader']);

/** Serves the folder of the examples as `npm start` there does. @returns its origin */
async function serveExamples(t: Test): Promise<string> {
  const server = await createServer({
    root: EXAMPLES,
    configFile: join(EXAMPLES, 'vite.config.js'),
    cacheDir: join(folder, 'vite'),
    logLevel: 'error',
    server: { port: 0, hmr: false, watch: null },
  });
  t.teardown(() => server.close());
  await server.listen();
  return `http://127.0.0.1:${(server.httpServer!.address() as AddressInfo).port}`;
}

/** How much the colours of a page differ from place to place: 0 for a page of one colour. */
async function contrast(page: Page): Promise<number> {
  const { channels } = await sharp(await page.screenshot()).stats();
  return Math.max(...channels.slice(0, 3).map(({ stdev }) => stdev));
}

const WITHIN_MS = 60_000;

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + WITHIN_MS;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`it is not so within ${WITHIN_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function blackout(live: LiveProgram, on: boolean): Promise<void> {
  await live.control({ control: 'blackout', on, fadeSeconds: 0 });
}

if (browser !== undefined) {
  t.test('pages of examples', { timeout: 240_000, skip }, async (t) => {
    const origin = await serveExamples(t);
    const live = await startLive(
      t,
      ...['--demo', '--port', '0', '--origin', origin, '--threads', '1'],
      ...['--state', join(folder, 'show.json')],
    );
    await live.control({ control: 'hold', on: true });
    const { id } = (await live.state()).message.show.image;
    const picture = `${live.origin}/api/pictures/${id}`;
    const opened = (t: Test, name: string) => open(t, browser, `${origin}/${name}/?show=${live.origin}`);

    await t.test('20 lines of HTML', async (t) => {
      const page = await opened(t, 'html');
      await page.waitForFunction(`document.querySelector('img').src === ${JSON.stringify(picture)}`);
      await page.waitForFunction(`document.querySelector('img').naturalWidth > 0`);
      await blackout(live, true);
      await page.waitForFunction(`getComputedStyle(document.querySelector('img')).opacity === '0'`);
      await blackout(live, false);
      await page.waitForFunction(`getComputedStyle(document.querySelector('img')).opacity === '1'`);
    });

    await t.test('an overlay for OBS is transparent around its picture', async (t) => {
      const page = await opened(t, 'obs');
      await page.waitForFunction(
        `[...document.querySelectorAll('img')].some((img) => img.src === ${JSON.stringify(picture)} && getComputedStyle(img).opacity === '1')`,
      );
      const shot = sharp(await page.screenshot({ omitBackground: true }));
      const { data, info } = await shot.raw().toBuffer({ resolveWithObject: true });
      const alphaAt = (x: number, y: number) => data[(y * info.width + x) * info.channels + 3];
      t.equal(alphaAt(100, 100), 0);
      t.equal(alphaAt(1000, 650), 255);
    });

    await t.test('the displays among them report what they show', async (t) => {
      for (const name of ['obs', 'p5', 'three', 'react']) {
        const page = await opened(t, name);
        await until(async () => {
          const { displays } = (await (await fetch(`${live.origin}/api/displays`)).json()) as {
            displays: readonly {
              readonly name: string | null;
              readonly health: { readonly state: string };
            }[];
          };
          return displays.some((display) => display.name === name && display.health.state === 'good');
        });
        await page.close();
      }
    });

    for (const name of ['p5', 'three']) {
      await t.test(`${name} draws the picture, and nothing in a blackout`, async (t) => {
        const page = await opened(t, name);
        await page.waitForSelector('canvas');
        await until(async () => (await contrast(page)) > 20);
        await blackout(live, true);
        await until(async () => (await contrast(page)) < 1);
        await blackout(live, false);
        await until(async () => (await contrast(page)) > 20);
      });
    }

    await t.test('a React component follows and controls the show', async (t) => {
      const page = await opened(t, 'react');
      await page.waitForSelector(`img[src=${JSON.stringify(picture)}]`);
      t.match(
        await page.evaluate(`document.querySelector('figcaption').textContent`),
        /connected · valence \d\.\d\d · arousal \d\.\d\d/,
      );
      await page.click('button');
      await page.waitForFunction(`document.querySelector('img').src !== ${JSON.stringify(picture)}`);
    });
  });
}
