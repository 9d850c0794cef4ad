import { link, readFile, rename, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import { indexGallery } from '../../../models/gallery/index.ts';
import { SynestheteError } from '../../../models/errors.ts';
import type { Model } from '../../../models/model/index.ts';
import { formulaModel } from '../../support/formula-model.ts';
import { picturesOf } from './support/pictures-of.ts';
import { put, putMany, waves } from './support/pictures.ts';

/** A formula model that notes how many pictures it was shown. */
function countingModel(shown: { pictures: number }): Model {
  const model = formulaModel();
  return {
    ...model,
    embedPictures(pixels) {
      shown.pictures += pixels.length;
      return model.embedPictures(pixels);
    },
  };
}

/** Two different pictures of the same number of bytes. */
async function twins(): Promise<[Buffer, Buffer]> {
  const [red, blue] = await Promise.all(
    [waves({ seed: 1, colour: [200, 40, 40] }), waves({ seed: 2, colour: [40, 40, 200] })].map((picture) =>
      picture.tiff({ compression: 'none' }).toBuffer(),
    ),
  );
  return [red!, blue!];
}

t.test('a picture edited in place with its length and time as before', async (t) => {
  const gallery = t.testdir({});
  const [red, blue] = await twins();
  t.equal(red.length, blue.length);
  const path = await put(gallery, 'a.tif', red);
  const time = new Date('2026-01-01T00:00:00Z');
  await utimes(path, time, time);
  await indexGallery(gallery, formulaModel());
  const [before] = await picturesOf(gallery);
  await writeFile(path, blue);
  await utimes(path, time, time);
  t.equal((await stat(path)).mtimeMs, time.getTime());
  t.match(await indexGallery(gallery, formulaModel()), { read: 1, hasChanged: true });
  const [after] = await picturesOf(gallery);
  t.ok(before!.valence > after!.valence);
});

t.test('another file under the name, with the length and time of the one before', async (t) => {
  const gallery = t.testdir({});
  const [red, blue] = await twins();
  const path = await put(gallery, 'a.tif', red);
  const time = new Date('2026-01-01T00:00:00Z');
  await utimes(path, time, time);
  await indexGallery(gallery, formulaModel());
  const other = await put(t.testdir({}) + '-other', 'b.tif', blue);
  await utimes(other, time, time);
  await rename(other, path);
  t.match(await indexGallery(gallery, formulaModel()), { read: 1 });
});

t.test('rights that change, or a file restored with its content, cost no decoding', async (t) => {
  const gallery = t.testdir({});
  const [red] = await twins();
  const path = await put(gallery, 'a.tif', red);
  await indexGallery(gallery, formulaModel());
  await writeFile(path, red);
  const shown = { pictures: 0 };
  t.match(await indexGallery(gallery, countingModel(shown)), { read: 0, pictures: 1, added: 0 });
  t.equal(shown.pictures, 0);
  t.match(await indexGallery(gallery, countingModel(shown)), { read: 0, hasChanged: false });
});

t.test('--again reads every picture and makes its renditions, under the same id', async (t) => {
  const gallery = t.testdir({});
  await putMany(gallery, 5);
  await indexGallery(gallery, formulaModel());
  const before = await picturesOf(gallery);
  await writeFile(before[0]!.rendition, 'damaged');
  const shown = { pictures: 0 };
  t.match(await indexGallery(gallery, countingModel(shown), { again: true }), {
    read: 5,
    added: 0,
    hasChanged: true,
  });
  t.equal(shown.pictures, 5);
  t.strictSame(await picturesOf(gallery), before);
  t.equal((await sharp(await readFile(before[0]!.rendition)).metadata()).format, 'jpeg');
  t.match(await indexGallery(gallery, countingModel(shown)), { read: 0, hasChanged: false });
});

t.test('--again that was ended goes on where it was', async (t) => {
  const gallery = t.testdir({});
  await putMany(gallery, 30);
  await indexGallery(gallery, formulaModel());
  const end = new AbortController();
  await t.rejects(
    indexGallery(gallery, formulaModel(), {
      again: true,
      signal: end.signal,
      onProgress({ done }) {
        if (done >= 12) end.abort(new Error('ended'));
      },
    }),
    { message: 'ended' },
  );
  const shown = { pictures: 0 };
  await indexGallery(gallery, countingModel(shown), { again: true });
  t.ok(shown.pictures > 0 && shown.pictures <= 20, `${shown.pictures} are left`);
});

t.test('links and copies of one file are decoded once, and fail together', async (t) => {
  const gallery = t.testdir({});
  const first = await put(gallery, 'a.png', waves({ seed: 5 }));
  const torn = await put(gallery, 'torn-a.png', (await readFile(first)).subarray(0, 200));
  for (let i = 0; i < 40; i++) {
    await link(first, join(gallery, `b${i}.png`));
    await link(torn, join(gallery, `torn-b${i}.png`));
  }
  const shown = { pictures: 0 };
  const report = await indexGallery(gallery, countingModel(shown));
  t.match(report, { pictures: 41, read: 1, exactCopies: 40 });
  t.equal(shown.pictures, 1);
  t.equal(report.broken.length, 41);
  t.equal(new Set(report.broken.map(({ reason }) => reason)).size, 1);
  t.equal(new Set((await picturesOf(gallery)).map(({ rendition }) => rendition)).size, 1);
  await writeFile(first, ''); // And so are all that share it.
  t.match(await indexGallery(gallery, formulaModel()), { pictures: 0, forgotten: 41 });
});

t.test('copies whose first file is gone before it is done are read all the same', async (t) => {
  const gallery = t.testdir({});
  const first = await put(gallery, 'a.png', waves({ seed: 6 }));
  // The copy is read after the first one has failed, behind more pictures than are prepared at once.
  for (let i = 0; i < 20; i++) await put(gallery, `b${i}.png`, waves({ seed: 10 + i }));
  await link(first, join(gallery, 'z.png'));
  const model = formulaModel();
  let calls = 0;
  const failing: Model = {
    ...model,
    async embedPictures(pixels) {
      calls++;
      if (calls > 1) return model.embedPictures(pixels);
      await rename(first, `${gallery}-away.png`);
      throw new SynestheteError('BAD_ENCODER', 'no numbers for it');
    },
  };
  const report = await indexGallery(gallery, failing, { batch: 1 });
  t.match(report, { pictures: 21, broken: [] });
  t.equal(calls, 22);
});
