import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { PictureWatch, type PictureNews } from '../../../src/live/picture-watch.ts';
import type { ShowGallery } from '../../../src/show/index.ts';
import { catalogueOf } from '../../../streams/program/index.ts';
import { pictures, Show } from '../../streams/program/support/show.ts';
import { NOTHING_JUDGED } from '../../support/nothing-judged.ts';

/** A gallery with files, what the watch finds out about it, and a program that hears of it. */
function watched(t: Test, count: number, screens = 1) {
  const folder = join(t.testdir({}), 'disk');
  mkdirSync(folder);
  const fileOf = (id: string) => join(folder, `${id}.jpg`);
  const catalogue = catalogueOf(pictures(count));
  for (const { id } of catalogue.pictures) writeFileSync(fileOf(id), 'a picture');
  const gallery: ShowGallery = {
    catalogue,
    pictures: { count, vectors: new Float32Array(0), moods: new Float32Array(0) },
    filesOf: (id) => ({ name: `${id}.png`, rendition: fileOf(id), thumbnail: '', width: 1, height: 1 }),
    judged: NOTHING_JUDGED,
  };
  const show = new Show(catalogue, { screens });
  const news: PictureNews[] = [];
  const warnings: string[] = [];
  const watch = new PictureWatch({
    gallery: () => gallery,
    program: () => show.state,
    warn: (line) => warnings.push(line),
  });
  watch.news.subscribe((one) => {
    news.push(one);
    show.send({ ...one, atSeconds: show.now });
  });
  return { folder, fileOf, show, watch, news, warnings };
}

t.test('a picture whose file is gone is broken, and mended when it is there again', async (t) => {
  const { fileOf, show, watch, news, warnings } = watched(t, 40);
  const id = show.image!;
  rmSync(fileOf(id));
  await watch.look();
  t.strictSame(news, [{ kind: 'broken', image: id }]);
  t.not(show.image, id);
  t.strictSame(warnings, [`${id}.png can't be read any more and is left out: index the gallery again`]);
  await watch.look();
  t.equal(news.length, 1);
  writeFileSync(fileOf(id), '');
  await watch.look();
  t.equal(news.length, 1, 'an empty file is no picture');
  writeFileSync(fileOf(id), 'a picture');
  await watch.look();
  t.strictSame(news.at(-1), { kind: 'mended', image: id });
});

t.test('one that is on several screens is reported once', async (t) => {
  const { fileOf, show, watch, news, warnings } = watched(t, 2, 8);
  const id = show.image!;
  t.ok(show.state.screens.filter(({ image }) => image === id).length > 1);
  rmSync(fileOf(id));
  await Promise.all([watch.look(), watch.check(id)]);
  await watch.look();
  t.strictSame(news, [{ kind: 'broken', image: id }]);
  t.equal(warnings.length, 1);
});

t.test('when their disk is away no picture is blamed, and what is on show stays', async (t) => {
  const { folder, show, watch, news, warnings } = watched(t, 2000);
  const id = show.image!;
  renameSync(folder, `${folder}-away`);
  await Promise.all([watch.check(id), watch.check('p7'), watch.look()]);
  await watch.look();
  show.hear(100);
  t.strictSame(news, [{ kind: 'reach', reachable: false }]);
  t.equal(show.image, id);
  renameSync(`${folder}-away`, folder);
  await watch.look();
  t.strictSame(news.slice(1), [{ kind: 'reach', reachable: true }]);
  show.hear(100);
  t.not(show.image, id);
  t.match(warnings, [/^no picture can be read any more/, /can be read again/]);
  t.equal(warnings.length, 2);
});

t.test('the only picture of a gallery stays', async (t) => {
  const { fileOf, show, watch } = watched(t, 1);
  rmSync(fileOf('p0'));
  await watch.look();
  t.equal(show.image, 'p0');
});
