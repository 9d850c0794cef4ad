import { join } from 'node:path';
import t, { type Test } from 'tap';
import { indexGallery, type IndexOptions } from '../../../models/gallery/index.ts';
import { formulaModel } from '../../support/formula-model.ts';
import { picturesOf } from './support/pictures-of.ts';
import { put, waves } from './support/pictures.ts';

async function galleryWith(t: Test, files: readonly string[]): Promise<string> {
  const gallery = t.testdir({});
  for (const [seed, file] of files.entries()) await put(gallery, file, waves({ seed: seed + 1 }));
  return gallery;
}

async function indexed(gallery: string, options: IndexOptions = {}) {
  const report = await indexGallery(gallery, formulaModel(), options);
  return { report, files: (await picturesOf(gallery)).map(({ file }) => file) };
}

t.test('what systems, network disks and editors keep is no bank and no picture', async (t) => {
  const kept = ['sea.png', 'recycled art/a.png', 'sea/@eaDir of mine.png'];
  const gallery = await galleryWith(t, [
    ...kept,
    '#recycle/deleted.png',
    'sea/#Recycle/deep/deleted.png',
    'hill/#recycle/deleted.png',
    '$RECYCLE.BIN/S-1-5/$R1.png',
    '@Recycle/deleted.png',
    'Network Trash Folder/deleted.png',
    'System Volume Information/a.png',
    '#snapshot/daily/sea.png',
    '@Recently-Snapshot/sea.png',
    '~snapshot/sea.png',
    'sea/@eaDir/sea.png/SYNOPHOTO_THUMB_XL.png',
    'sea/@eaDir/hill.png/SYNOPHOTO_THUMB_XL.png',
    'hill/@eaDir/sea.png/SYNOPHOTO_THUMB_XL.png',
    'hill/@__thumb/default sea.png',
    'Catalogue Previews.lrdata/A/a.png',
    'CaptureOne/Cache/a.png',
    'Photos.photoslibrary/resources/derivatives/a.png',
    '__MACOSX/a.png',
    'lost+found/a.png',
    'sea.png~',
    '#sea.png#',
    'sea.png.crdownload',
    'sea.png.bak',
  ]);
  const { report, files } = await indexed(gallery);
  t.strictSame(files, [...kept].sort());
  t.strictSame(report.broken, []);
  t.equal(report.passedOver, 0);
  const counts = new Map(report.excluded.map(({ pattern, count }) => [pattern, count]));
  t.equal(report.excluded[0]?.pattern, '\\#recycle/', 'the most first');
  t.equal(counts.get('\\#recycle/'), 3);
  t.equal(counts.get('@eaDir/'), 2, 'folders are counted, not what lies in them');
  t.equal(counts.get('*~'), 1);
});

t.test('.showignore holds for its folder and those below, and can let in what is left out', async (t) => {
  const gallery = await galleryWith(t, [
    'a.png',
    'a-draft.png',
    'sea/b-draft.png',
    'sea/c.png',
    'sea/deep/c.png',
    '@eaDir/d.png',
  ]);
  await put(gallery, '.showignore', Buffer.from('# ours\r\n*-draft.*\r\n!@eaDir/\r\n'));
  await put(gallery, 'sea/.showignore', Buffer.from('/c.png\n!b-draft.png\n'));
  const { report, files } = await indexed(gallery);
  t.strictSame(files, ['@eaDir/d.png', 'a.png', 'sea/b-draft.png', 'sea/deep/c.png']);
  t.strictSame(report.excluded, [
    { pattern: '*-draft.*', count: 1 },
    { pattern: '/c.png', count: 1 },
  ]);
});

t.test('patterns of one run go before those of files', async (t) => {
  const gallery = await galleryWith(t, ['a.png', 'a-draft.png', 'sea/b.png']);
  await put(gallery, '.showignore', Buffer.from('*-draft.*\n'));
  t.strictSame((await indexed(gallery)).files, ['a.png', 'sea/b.png']);
  const { files, report } = await indexed(gallery, { exclude: ['!a-draft.png', 'sea/'] });
  t.strictSame(files, ['a-draft.png', 'a.png']);
  t.equal(report.forgotten, 1);
  await t.rejects(indexed(gallery, { exclude: [' '] }), { code: 'USAGE', message: '" " excludes nothing' });
});

t.test('patterns that can not be read are reported, and the rest is indexed', async (t) => {
  const gallery = await galleryWith(t, ['a.png', 'sea/b.png', 'sea/.showignore/c.png']);
  const { files, report } = await indexed(gallery);
  t.strictSame(files, ['a.png', 'sea/b.png']);
  t.match(report.broken, [{ file: 'sea/.showignore', reason: /folder/ }]);
  t.ok(
    report.broken[0]!.reason.includes('a folder') && !report.broken[0]!.reason.includes(join(gallery, 'x')),
  );
});
