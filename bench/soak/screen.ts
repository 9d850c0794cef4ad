import { existsSync } from 'node:fs';
import puppeteer from 'puppeteer-core';
import sharp from 'sharp';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
/** No sample of a black frame is above this, of 255: less than JPEG adds to true black. */
const BLACK = 8;

/** The display page in a browser, of which every frame that is painted is looked at. */
export interface WatchedScreen {
  readonly frames: number;
  /** Frames without anything on them, since the first picture. */
  readonly blackFrames: number;
  /** The longest time without a new frame, in seconds. */
  readonly longestStillSeconds: number;
  close(): Promise<void>;
}

/** undefined where no Chromium is installed. */
export async function watchScreen(origin: string): Promise<WatchedScreen | undefined> {
  if (CHROMIUM === undefined) return undefined;
  const browser = await puppeteer.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  const page = await browser.newPage();
  await page.setViewport({ width: 640, height: 360 });
  let frames = 0;
  let blackFrames = 0;
  let shown = false;
  let lastFrameMs = 0;
  let longestStillMs = 0;
  const session = await page.createCDPSession();
  session.on('Page.screencastFrame', ({ data, sessionId }) => {
    void session.send('Page.screencastFrameAck', { sessionId }).catch(() => undefined);
    const nowMs = performance.now();
    if (shown) longestStillMs = Math.max(longestStillMs, nowMs - lastFrameMs);
    lastFrameMs = nowMs;
    void sharp(Buffer.from(data, 'base64'))
      .stats()
      .then(({ channels }) => {
        const isBlack = channels.every(({ max }) => max <= BLACK);
        shown ||= !isBlack;
        if (!shown) return;
        frames += 1;
        if (isBlack) blackFrames += 1;
      });
  });
  await page.goto(`${origin}/display`);
  await session.send('Page.startScreencast', {
    format: 'jpeg',
    quality: 60,
    maxWidth: 160,
    maxHeight: 90,
    everyNthFrame: 1,
  });
  return {
    get frames() {
      return frames;
    },
    get blackFrames() {
      return blackFrames;
    },
    get longestStillSeconds() {
      return longestStillMs / 1000;
    },
    close: () => browser.close(),
  };
}
