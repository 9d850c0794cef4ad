import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'puppeteer-core';
import t, { type Test } from 'tap';
import { indexGallery } from '../../models/gallery/index.ts';
import { folderGallery, pagesOf } from '../../src/show/index.ts';
import { catalogueOf, DEFAULT_PROGRAM_SETTINGS, initialState } from '../../streams/program/index.ts';
import { BRIGHT, pictureOf, SKIN, type Subject } from '../models/gallery/renditions/support/subjects.ts';
import { FakeShow, stateOf } from '../src/server/support/fake-show.ts';
import { serve } from '../src/server/support/serve.ts';
import { emptyFolder } from '../support/folder.ts';
import { formulaModel } from '../support/formula-model.ts';
import { launchBrowser, open } from './support/browser.ts';

/* Displays of several sizes in a real browser, on pictures of a real index. */

const PAGES = fileURLToPath(new URL('../../dist/web-client', import.meta.url));
/** Pictures of what the displays show are written there, for people. */
const { SCREENSHOTS } = process.env;

const SUBJECTS: Readonly<Record<string, readonly [width: number, height: number, Subject]>> = {
  'landscape.jpg': [4000, 2400, { x: 0.75, y: 0.3, radius: 0.1, colour: BRIGHT }],
  'panorama.jpg': [7500, 1080, { x: 0.83, y: 0.5, radius: 0.3, colour: BRIGHT }],
  'portrait.jpg': [1200, 2100, { x: 0.5, y: 0.14, radius: 0.14, colour: SKIN }],
};

const TOP = `document.querySelector('.layer:last-child .picture')`;

/** The pictures of a gallery; a test says which one is on show. */
class GalleryShow extends FakeShow {
  readonly ids: Record<string, string> = {};

  static async open(folder: string): Promise<GalleryShow> {
    for (const [name, [width, height, subject]] of Object.entries(SUBJECTS)) {
      await writeFile(join(folder, name), await pictureOf(width, height, subject));
    }
    const model = formulaModel();
    await indexGallery(folder, model);
    const { fingerprint, ranking } = model;
    const facts = { fingerprint, ranking: ranking.score, width: ranking.width };
    const notice = (line: string): void => void t.fail(line);
    const gallery = await folderGallery({ folder, notice, unsafeThreshold: 1 }).open(facts as never);
    const program = initialState(DEFAULT_PROGRAM_SETTINGS, catalogueOf(gallery.catalogue.pictures));
    const show = new GalleryShow();
    Object.assign(
      show,
      pagesOf(() => ({ gallery, program })),
    );
    for (const { id } of gallery.catalogue.pictures) show.ids[gallery.filesOf(id)!.name] = id;
    return show;
  }

  put(name: string, fits: readonly { display: string; fit: 'cover' | 'contain' | 'pan' }[] = []): void {
    this.states.next({ ...stateOf(this.ids[name]!, []), fits });
  }
}

const browser = await launchBrowser(t);
if (browser !== undefined) await displays(t, browser);

async function displays(t: Test, browser: Browser): Promise<void> {
  const show = await GalleryShow.open(emptyFolder(t));
  const { at } = await serve(t, { show, staticFolder: PAGES });
  const display = async (t: Test, name: string, width: number, height: number, query = '') => {
    const page = await open(t, browser, 'about:blank');
    await page.setViewport({ width, height });
    await page.goto(`http://${at}/display?name=${name}${query}`);
    return page;
  };
  /** Waits until the picture on the screen has a size, and no layer is below it any more. */
  const hasSize = async (page: Page, size: string): Promise<void> => {
    const now = `${TOP} && ${TOP}.naturalWidth + '×' + ${TOP}.naturalHeight`;
    const isSo = `${now} === '${size}' && document.querySelectorAll('.layer').length === 1`;
    // A machine with much else to do may take longer than a browser's call may.
    while ((await page.evaluate(isSo)) !== true) await new Promise((resolve) => setTimeout(resolve, 100));
  };
  const shoot = async (page: Page, name: string): Promise<void> => {
    if (SCREENSHOTS !== undefined) await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
  };

  await t.test('a display of 4K gets 4K, after the picture of 1920 pixels', async (t) => {
    show.put('landscape.jpg');
    const wall = await display(t, 'wall', 3840, 2160);
    await wall.waitForSelector('.layer img.picture');
    await hasSize(wall, '3840×2160');
    t.equal(await wall.evaluate(`${TOP}.naturalWidth`), 3840);
    await shoot(wall, 'landscape-3840');
    show.put('portrait.jpg');
    await hasSize(wall, '1200×675');
    await shoot(wall, 'portrait-3840');
    show.put('panorama.jpg');
    await hasSize(wall, '1920×1080');
    await shoot(wall, 'panorama-3840');
  });

  await t.test('a display of 1080p gets no more than it needs, in each way to fill it', async (t) => {
    show.put('landscape.jpg');
    const screen = await display(t, 'left', 1920, 1080);
    await hasSize(screen, '1920×1152');
    show.put('panorama.jpg');
    await hasSize(screen, '1920×1080');
    await shoot(screen, 'panorama-1920');
    show.put('panorama.jpg', [
      { display: 'right', fit: 'contain' },
      { display: 'left', fit: 'pan' },
    ]);
    await hasSize(screen, '3840×1080');
    t.equal(await screen.evaluate(`${TOP}.parentElement.className`), 'layer pan');
    t.equal(await screen.evaluate(`${TOP}.getBoundingClientRect().height`), 1080);
    const left = `${TOP}.getBoundingClientRect().left`;
    const before = Number(await screen.evaluate(left));
    t.ok(before < -500 && before > -1500, `it begins in the middle: ${before}`);
    await screen.waitForFunction(`${left} !== ${before}`);
    await shoot(screen, 'panorama-1920-pan');
    show.put('panorama.jpg', [{ display: 'left', fit: 'contain' }]);
    await hasSize(screen, '1920×276');
    await shoot(screen, 'panorama-1920-contain');
    show.put('panorama.jpg');
    await hasSize(screen, '1920×1080');
    t.equal(await screen.evaluate(`${TOP}.parentElement.className`), 'layer cover', 'its own fit again');
  });

  await t.test('a telephone, upright', async (t) => {
    show.put('landscape.jpg');
    const phone = await display(t, 'phone', 390, 844);
    await hasSize(phone, '1080×1920');
    t.equal(await phone.evaluate(`${TOP}.naturalHeight`), 1920);
    await shoot(phone, 'landscape-390');
    show.put('portrait.jpg');
    await hasSize(phone, '1097×1920');
    await shoot(phone, 'portrait-390');
  });

  await t.test('what comes next is fetched as it will be shown, and comes at once', async (t) => {
    const second = await display(t, 'second', 3840, 2160, '&fit=contain');
    show.put('portrait.jpg');
    await hasSize(second, '1200×2100');
    const asked: string[] = [];
    const next = show.ids['landscape.jpg']!;
    second.on('requestfinished', (request) => {
      const { pathname, search } = new URL(request.url());
      if (pathname === `/api/pictures/${next}`) asked.push(search);
    });
    show.states.next(stateOf(show.ids['portrait.jpg']!, [next]));
    while (!asked.some((query) => query === '?width=3840&height=2160&fit=contain')) {
      show.states.next(stateOf(show.ids['portrait.jpg']!, [next]));
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    show.put('landscape.jpg');
    await second.waitForFunction(`document.querySelector('.layer:last-child').dataset.picture === '${next}'`);
    t.equal(await second.evaluate(`${TOP}.naturalWidth`), 3600, 'its first frame is sharp');
  });
}
