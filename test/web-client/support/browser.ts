import { existsSync } from 'node:fs';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import type { Test } from 'tap';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);
/** For a machine that has other tests to run, and is slow. */
const WAIT_MS = 60_000;

/** Closed when the test ends. undefined where no browser is installed: that is a failure where all must be tested. */
export async function launchBrowser(t: Test, args: readonly string[] = []): Promise<Browser | undefined> {
  if (CHROMIUM === undefined) {
    if (process.env['CI'] === 'true') t.fail('chromium is not installed');
    else t.pass('pages in a browser', { skip: 'chromium is not installed' });
    return undefined;
  }
  const browser = await puppeteer.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', ...args],
    protocolTimeout: WAIT_MS,
  });
  t.teardown(() => browser.close());
  return browser;
}

/** A page in a window of its own, as on screens side by side: a tab behind another one isn't drawn. */
export async function open(t: Test, browser: Browser, address: string, atFirst?: string): Promise<Page> {
  const page = await browser.newPage({ type: 'window' });
  t.teardown(() => (page.isClosed() ? undefined : page.close()));
  page.setDefaultTimeout(WAIT_MS);
  await page.setViewport({ width: 1280, height: 800 });
  page.on('pageerror', (error) => {
    t.fail(`${address}: ${String(error)}`);
  });
  page.on('console', (message) => {
    const text = message.text();
    // The browser reports that the network failed, not the page.
    if (message.type() === 'error' && !/net::ERR|Failed to load resource/.test(text)) {
      t.fail(`${address}: ${text}`);
    }
  });
  if (atFirst !== undefined) await page.evaluateOnNewDocument(atFirst);
  await page.goto(address);
  return page;
}
