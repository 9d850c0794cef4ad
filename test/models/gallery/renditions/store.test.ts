import { chmod, mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import t, { type Test } from 'tap';
import { SynestheteError } from '../../../../models/errors.ts';
import { indexGallery, RenditionStore, type Picture } from '../../../../models/gallery/index.ts';
import type { RenditionRequest } from '../../../../models/gallery/renditions/make.ts';
import { renditionPath } from '../../../../models/gallery/layout.ts';
import { FITS, SCREEN_SIZES, type Screen } from '../../../../models/screens.ts';
import { formulaModel } from '../../../support/formula-model.ts';
import { picturesOf } from '../support/pictures-of.ts';
import { put } from '../support/pictures.ts';
import { BRIGHT, pictureOf, SKIN, subjectIn } from './support/subjects.ts';

const UHD: Screen = { width: 3840, height: 2160, fit: 'cover' };
const HD: Screen = { width: 1920, height: 1080, fit: 'cover' };

interface Opened {
  readonly gallery: string;
  readonly store: RenditionStore;
  readonly pictures: Picture[];
  readonly notices: string[];
}

async function open(t: Test, files: Readonly<Record<string, Uint8Array>>): Promise<Opened> {
  const gallery = t.testdir({});
  for (const [name, content] of Object.entries(files)) await put(gallery, name, content);
  await indexGallery(gallery, formulaModel());
  const notices: string[] = [];
  const notice = (line: string): void => void notices.push(line);
  const store = new RenditionStore({ gallery, indexFolder: join(gallery, '.synesthete'), notice });
  t.teardown(() => {
    store.close();
  });
  return { gallery, store, pictures: await picturesOf(gallery), notices };
}

/** Asks until it is made, or for good. */
async function made(store: RenditionStore, picture: Picture, screen: Screen) {
  for (;;) {
    const found = await store.find(picture, screen);
    if (!found.isPending) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

t.test(
  'a rendition is made when it is first wanted, and the one for all screens serves until then',
  async (t) => {
    const file = await pictureOf(5000, 3000, { x: 0.75, y: 0.3, radius: 0.1, colour: BRIGHT });
    const { store, pictures, gallery } = await open(t, { 'subject.jpg': file });
    const picture = pictures[0]!;
    t.strictSame(await store.find(picture, HD), {
      file: picture.rendition,
      ...{ width: 1920, height: 1152, isOwn: false, isPending: false },
    });
    t.match(await store.find(picture, UHD), { file: picture.rendition, isOwn: false, isPending: true });
    const found = await made(store, picture, UHD);
    t.match(found, { width: 3840, height: 2160, isOwn: true });
    t.match(await sharp(found.file).metadata(), { format: 'jpeg', width: 3840, height: 2160 });
    t.ok((await subjectIn(found.file, BRIGHT)).share > 0.015, 'the subject is whole');

    const square = await made(store, picture, { width: 1200, height: 1600, fit: 'cover' });
    const { share, x } = await subjectIn(square.file, BRIGHT);
    t.ok(share > 0.03 && x > 0.3, `a narrow screen shows the subject, which is at the side (${share}, ${x})`);

    await t.test('it stays over another run of the index, and goes with its picture', async (t) => {
      await put(
        gallery,
        'other.jpg',
        await pictureOf(300, 200, { x: 0.2, y: 0.5, radius: 0.2, colour: SKIN }),
      );
      await indexGallery(gallery, formulaModel());
      t.match(await store.find(picture, UHD), { file: found.file, isOwn: true });
      await rm(join(gallery, 'subject.jpg'));
      await indexGallery(gallery, formulaModel());
      const twoHoursAgo = new Date(Date.now() - 7_200_000);
      for (const path of [found.file, square.file]) await utimes(path, twoHoursAgo, twoHoursAgo);
      await indexGallery(gallery, formulaModel());
      await t.rejects(stat(found.file));
    });
  },
);

t.test('a panorama of 30000×2000 is sharp where it is looked at, cropped or to be panned', async (t) => {
  const file = await pictureOf(30_000, 2000, { x: 0.83, y: 0.5, radius: 0.3, colour: BRIGHT });
  const { store, pictures } = await open(t, { 'panorama.jpg': file });
  const cropped = await made(store, pictures[0]!, HD);
  t.match(await sharp(cropped.file).metadata(), { width: 1920, height: 1080 });
  const middle = await subjectIn(cropped.file, BRIGHT);
  t.ok(Math.abs(middle.x - 0.5) < 0.2, `the subject is near the middle: ${middle.x}`);
  const long = await made(store, pictures[0]!, { ...HD, fit: 'pan' });
  t.match(await sharp(long.file).metadata(), { width: 3840, height: 1080 });
  t.ok((await subjectIn(long.file, BRIGHT)).share > 0.05);
});

t.test('a tall portrait keeps its head on a wide screen', async (t) => {
  const file = await pictureOf(2400, 4200, { x: 0.5, y: 0.14, radius: 0.14, colour: SKIN });
  const { store, pictures } = await open(t, { 'portrait.jpg': file });
  const { file: path } = await made(store, pictures[0]!, HD);
  const head = await subjectIn(path, SKIN);
  t.ok(head.share > 0.09, `the head is on it: ${head.share}`);
});

t.test(
  'a picture that is deleted or changed meanwhile keeps what it has, and one line says so',
  async (t) => {
    const file = await pictureOf(4000, 3000, { x: 0.5, y: 0.5, radius: 0.2, colour: BRIGHT });
    const { store, pictures, gallery, notices } = await open(t, { 'gone.jpg': file, 'sea/kept.jpg': file });
    const [gone] = pictures;
    t.match(await store.find(gone!, UHD), { isPending: true });
    await rm(join(gallery, 'gone.jpg'));
    const left = await made(store, gone!, UHD);
    // The file may have been read before it was deleted: then the rendition is whole.
    if (left.isOwn) t.equal((await sharp(left.file).metadata()).width, 3840);
    else t.match(notices, [/gone\.jpg stays as it was indexed on large screens: .*gone\.jpg/]);

    const changed = { ...pictures[1]!, content: 'f'.repeat(64), rendition: gone!.rendition };
    t.match(await made(store, changed, { ...UHD, fit: 'contain' }), { isOwn: false });
    t.match(notices.at(-1), /kept\.jpg has changed since it was indexed: index the gallery again/);
    t.match(
      await store.find(changed, { ...UHD, fit: 'contain' }),
      { isPending: false },
      'and it is not tried at once',
    );
  },
);

t.test(
  'a gallery that is read-only keeps its pictures of 1920 pixels',
  { skip: process.getuid?.() === 0 && 'root may write anywhere' },
  async (t) => {
    const file = await pictureOf(4000, 3000, { x: 0.5, y: 0.5, radius: 0.2, colour: BRIGHT });
    const { store, pictures, gallery, notices } = await open(t, { 'a.jpg': file });
    await chmod(join(gallery, '.synesthete'), 0o555);
    t.match(await made(store, pictures[0]!, UHD), { isOwn: false });
    t.match(notices, [/^large screens get pictures of 1920 pixels: .*permission denied/]);
    await chmod(join(gallery, '.synesthete'), 0o755);
  },
);

t.test('what waits is bounded, one is made at a time, and the newest wish first', async (t) => {
  const folder = t.testdir({});
  const asked: RenditionRequest[] = [];
  let proceed: () => void = () => undefined;
  let atOnce = 0;
  const store = new RenditionStore({
    gallery: folder,
    indexFolder: folder,
    notice: (line) => t.fail(line),
    maker: {
      async make(request) {
        t.equal(++atOnce, 1);
        asked.push(request);
        await new Promise<void>((resolve) => (proceed = resolve));
        atOnce--;
        await mkdir(join(request.path, '..'), { recursive: true });
        await writeFile(request.path, 'made');
      },
      close: () => undefined,
    },
  });
  const pictures = Array.from({ length: 100 }, (_, i) => large(folder, i));
  for (const picture of pictures) t.match(await store.find(picture, UHD), { isPending: true });
  t.equal(store.waiting, 32);
  t.match(await store.find(pictures[70]!, UHD), { isPending: true }, 'wanted again, it is the newest');
  t.equal(store.waiting, 32);
  for (let i = 0; i < 3; i++) {
    const count = asked.length;
    proceed();
    while (asked.length === count) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  t.strictSame(
    asked.map(({ content }) => Number(content.slice(0, 4))),
    [0, 70, 99, 98],
  );
  t.match(await store.find(pictures[70]!, UHD), { isOwn: true, isPending: false });
});

t.test('renditions of all sizes and fits stay within their part of the disk', async (t) => {
  const folder = t.testdir({});
  const bytes = 1000;
  const store = new RenditionStore({
    gallery: folder,
    indexFolder: folder,
    notice: (line) => t.fail(line),
    mostBytes: 10 * bytes,
    maker: {
      async make({ path }) {
        await mkdir(join(path, '..'), { recursive: true });
        await writeFile(path, Buffer.alloc(bytes));
      },
      close: () => undefined,
    },
  });
  const screens = SCREEN_SIZES.flatMap((size) => FITS.map((fit) => ({ ...size, fit })));
  for (const screen of screens) await made(store, large(folder, 7), screen);
  const count = async (): Promise<number> =>
    (await readdir(join(folder, 'screens'), { recursive: true })).filter((name) => name.endsWith('.jpg'))
      .length;
  t.ok((await count()) <= 11, 'one is counted when it is written');
  while ((await count()) > 10) await new Promise((resolve) => setTimeout(resolve, 20));
});

t.test('where nothing can be made, all is left alone for a while, and one line says why', async (t) => {
  const folder = t.testdir({});
  const notices: string[] = [];
  let count = 0;
  const store = new RenditionStore({
    gallery: folder,
    indexFolder: folder,
    notice: (line) => notices.push(line),
    maker: {
      make() {
        count++;
        return Promise.reject(
          new SynestheteError('WRITE_FAILED', 'x can’t be written: the disk is read-only'),
        );
      },
      close: () => undefined,
    },
  });
  for (let i = 0; i < 5; i++) t.match(await made(store, large(folder, i), UHD), { isOwn: false });
  t.equal(count, 1);
  t.match(notices, [
    /^large screens get pictures of 1920 pixels: x can’t be written: the disk is read-only$/,
  ]);
});

function large(folder: string, number: number): Picture {
  const content = String(number).padStart(4, '0').padEnd(64, 'f');
  return {
    ...{ id: String(number), row: number, file: `${number}.jpg`, content, bank: null },
    ...{
      width: 9000,
      height: 4000,
      valence: 0.5,
      arousal: 0.5,
      unsafe: 0,
      isUnsafe: false,
      isHidden: false,
      group: number,
    },
    rendition: renditionPath(folder, 'renditions', content),
    thumbnail: renditionPath(folder, 'thumbnails', content),
  };
}
