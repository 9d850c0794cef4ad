import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'puppeteer-core';
import t, { type Test } from 'tap';
import { reportPage, writeReport } from '../../src/report/evaluation/index.ts';
import { emptyFolder } from '../support/folder.ts';
import { formulaFindings } from '../support/formula-findings.ts';
import { writeMusic, writePicture } from '../support/media.ts';
import { launchBrowser, open } from './support/browser.ts';

/* The page of `evaluate --report` in a real browser, from the disk. */

const folder = emptyFolder(t);
const browser = await launchBrowser(t);
const PANELS = ['image-valence', 'image-arousal', 'music-valence', 'music-arousal', 'principal-valence', 'principal-arousal', 'moods-valence', 'moods-arousal']; // prettier-ignore

/** How many colours a canvas has, once it is on the screen, or where it is; axes alone need few. */
const coloursOf = (panel: string, isScrolledTo = true) => `(async () => {
  const canvas = document.querySelector('canvas[data-panel="${panel}"]');
  if (${isScrolledTo}) canvas.scrollIntoView();
  for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
})()`;
const TIP = `document.querySelector('#tip').hidden ? null : document.querySelector('#tip p').textContent`;

/** Moves over the plot until something is pointed at, and gives what is said of it. */
async function pointAt(page: Page, panel: string): Promise<string> {
  const canvas = await page.waitForSelector(`canvas[data-panel="${panel}"]`);
  await canvas!.scrollIntoView();
  const box = (await canvas!.boundingBox())!;
  for (let i = 0; i < 60; i++) {
    await page.mouse.move(box.x + box.width * (0.3 + 0.007 * i), box.y + box.height * (0.7 - 0.007 * i));
    const told = (await page.evaluate(TIP)) as string | null;
    if (told !== null) return told;
  }
  throw new Error(`nothing is found to point at on ${panel}`);
}

async function drawn(page: Page): Promise<void> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}

if (browser !== undefined) {
  t.test('a report of 100 pictures', { timeout: 240_000 }, async (t: Test) => {
    const path = (name: string) => join(folder, name);
    for (let i = 0; i < 100; i++) await writePicture(path(`p${i}.png`), { r: 2 * i, g: 99, b: 255 - 2 * i });
    for (let i = 0; i < 6; i++) await writeMusic(path(`s${i}.wav`), 6, i);
    const findings = formulaFindings({ pictures: 100, songs: 6 }, (i) => path(`p${i}.png`), (i) => path(`s${i}.wav`)); // prettier-ignore
    await writeReport(path('report'), findings, () => undefined);
    const page = await open(t, browser, 'about:blank');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(pathToFileURL(path('report/index.html')).href);
    await drawn(page);
    for (const panel of PANELS)
      t.ok(((await page.evaluate(coloursOf(panel, false))) as number) > 40, `${panel} is drawn at load`);
    const told = await pointAt(page, 'image-valence');
    t.match(told, /^p\d+\.png\nvalence 0\.\d\d, read 0\.\d\d ± 0\.09\narousal/);
    const index = Number(/\d+/.exec(told)![0]);
    const thumbnail = (await page.evaluate(
      `(({ backgroundImage, backgroundPosition }) => [backgroundImage, backgroundPosition])(document.querySelector('#tip .thumbnail').style)`,
    )) as [string, string];
    t.equal(thumbnail[0], 'url("thumbnails/0.webp")');
    t.equal(
      thumbnail[1],
      `${index % 10 === 0 ? 0 : -(index % 10) * 144}px ${index < 10 ? 0 : -Math.floor(index / 10) * 144}px`,
    );
    t.match(await pointAt(page, 'music-arousal'), /^s\d\.wav, [024]\.0 s\n/);
    t.equal(
      await page.evaluate(
        `[...document.querySelectorAll('.match img')].filter((i) => !(i.naturalWidth > 0)).length`,
      ),
      0,
    );
    t.equal(
      await page.evaluate(
        `document.querySelector('.match audio').play().then(() => document.querySelector('.match audio').duration)`,
      ),
      2,
    );
    const before = await page.evaluate(coloursOf('principal-valence'));
    await page.click('input[data-group=image]');
    await drawn(page);
    t.not(await page.evaluate(coloursOf('principal-valence')), before, 'pictures are taken away');
    await page.setViewport({ width: 390, height: 844 });
    t.ok(
      await page.evaluate(
        `(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth)(document.querySelector('.figures'))`,
      ),
      'figures are not cut on a telephone',
    );
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    await drawn(page);
    t.same(
      asked.filter((url) => !/^(file|data):/.test(url)),
      [],
      'nothing is asked of a network',
    );
  });

  t.test('a report of 100,000 pictures opens in seconds', { timeout: 240_000 }, async (t: Test) => {
    const html = await reportPage(formulaFindings({ pictures: 100_000, songs: 300 }), {
      matches: { best: '', worst: '' },
      losses: '',
    });
    const file = join(folder, 'many.html');
    await writeFile(file, html);
    const { size } = await stat(file);
    t.ok(size < 8e6, `${(size / 1e6).toFixed(1)} MB`);
    const page = await open(t, browser, 'about:blank');
    const startedAtMs = performance.now();
    await page.goto(pathToFileURL(file).href);
    await drawn(page);
    const seconds = (performance.now() - startedAtMs) / 1000;
    t.comment(`${(size / 1e6).toFixed(1)} MB, drawn after ${seconds.toFixed(1)} s`);
    // A second or two on a quiet machine; tests run beside others.
    t.ok(seconds < 15, `${seconds.toFixed(1)} s`);
    const last = PANELS.at(-1)!;
    t.equal(await page.evaluate(coloursOf(last, false)), 1, 'what is not in sight takes no time');
    await page.evaluate(`dispatchEvent(new Event('beforeprint'))`);
    t.ok(((await page.evaluate(coloursOf(last, false))) as number) > 40, 'but it is there on paper');
    for (const panel of PANELS)
      t.ok(((await page.evaluate(coloursOf(panel))) as number) > 40, `${panel} is drawn`);
    t.match(
      await pointAt(page, 'principal-valence'),
      /^(pictures\/p\d+\.jpg|music\/s\d+\.wav, [024]\.0 s)\nvalence/,
    );
  });
}
