import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import puppeteer from 'puppeteer-core';
import sharp from 'sharp';

/*
 * Films the console of the demo, once through its music, for README.md: docs/console.webp moves, docs/console.jpg is one frame
 * of it. Needs a built program and a Chromium, and takes two minutes.
 */

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SIZE = { width: 1280, height: 800 };
const FILM_WIDTH = 800;
/** The piece lasts 96 s. */
const FRAMES = 40;
const EVERY_MS = 2400;
const SHOWN_MS = 450;
/** In the second passage, when the night so far has several moods. */
const STILL = 15;

const folder = await mkdtemp(join(tmpdir(), 'synesthete-film-'));
const show = spawn(
  process.execPath,
  ['dist/src/cli/main.js', 'live', '--demo', '--port', '0', '--state', join(folder, 'show.json')],
  {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
try {
  const address = await new Promise<string>((resolve, reject) => {
    show.once('exit', () => {
      reject(new Error('live ended'));
    });
    createInterface(show.stdout).once('line', resolve);
  });
  const browser = await puppeteer.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  const page = await browser.newPage();
  await page.setViewport(SIZE);
  await page.goto(address);
  const frames: Uint8Array[] = [];
  for (let n = 0; n < FRAMES; n++) {
    const next = pause(EVERY_MS);
    frames.push(await page.screenshot({ type: 'png' }));
    process.stderr.write(`\rframe ${n + 1} of ${FRAMES}`);
    await next;
  }
  process.stderr.write('\n');
  await browser.close();
  await sharp(frames[STILL]).jpeg({ quality: 82, mozjpeg: true }).toFile(`${ROOT}docs/console.jpg`);
  const small = await Promise.all(
    frames.map((frame) => sharp(frame).resize({ width: FILM_WIDTH }).png().toBuffer()),
  );
  await sharp(small, { join: { animated: true } })
    .webp({ quality: 62, effort: 6, delay: frames.map(() => SHOWN_MS), loop: 0 })
    .toFile(`${ROOT}docs/console.webp`);
} finally {
  show.kill();
  await rm(folder, { recursive: true, force: true });
}
