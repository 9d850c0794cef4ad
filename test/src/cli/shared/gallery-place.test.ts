import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import t, { type Test } from 'tap';
import { BUNDLED_MUSIC, ownMoodsFile } from '../../../../src/built-in/index.ts';
import { galleryPlace } from '../../../../src/cli/shared/gallery-place.ts';
import { indexProgram } from '../../../models/gallery/support/index-program.ts';
import { called } from '../called.ts';

const OPTIONS = { engine: 'cpu', hop: 0.5, flashLimiter: true } as const;
const BUNDLED_GALLERY = join(dirname(BUNDLED_MUSIC), 'gallery');

const BUILT = new URL('../../../../dist/src/cli/shared/gallery-place.js', import.meta.url);

/** A user's own data folder, of this test. */
function dataFolder(t: Test): string {
  const before = process.env['XDG_DATA_HOME'];
  const folder = join(t.testdir({}), 'data');
  process.env['XDG_DATA_HOME'] = folder;
  t.teardown(() => {
    if (before === undefined) delete process.env['XDG_DATA_HOME'];
    else process.env['XDG_DATA_HOME'] = before;
  });
  return folder;
}

t.test('a gallery that is named from here is known from the root, as other programs need it', async (t) => {
  t.strictSame(await galleryPlace({ ...OPTIONS, gallery: 'pictures' }), { folder: resolve('pictures') });
  t.strictSame(await galleryPlace({ ...OPTIONS, gallery: 'pictures', index: '../index' }), {
    folder: resolve('pictures'),
    indexFolder: resolve('../index'),
  });
});

t.test('a show of the built-in pictures writes nothing into the package', async (t) => {
  if (process.platform !== 'linux') return;
  const data = dataFolder(t);
  // Only the built program has an index of them.
  const built = (await import(BUILT.href)) as { galleryPlace: typeof galleryPlace };
  const { stateFolder, indexFolder } = await built.galleryPlace(OPTIONS);
  t.match(indexFolder, /\/dist\/demo-index\/$/);
  t.equal(stateFolder, join(data, 'synesthete', 'built-in-pictures'));
  t.ok(existsSync(stateFolder!), 'where it can be written');
});

t.test('moods of the built-in pictures are in the user’s folder, for all commands', async (t) => {
  // Where data folders are elsewhere, there is no variable that moves them.
  if (process.platform !== 'linux') return;
  const data = dataFolder(t);
  const moodsFile = join(data, 'synesthete', 'built-in-pictures', 'moods.csv');
  t.strictSame(await ownMoodsFile(t.testdirName), {}, 'those of other pictures are beside them');
  t.strictSame(await ownMoodsFile(join(BUNDLED_GALLERY, '..', 'gallery')), { moodsFile });
  t.ok(existsSync(dirname(moodsFile)), 'and can be written');
  t.match(await galleryPlace({ ...OPTIONS, gallery: BUNDLED_GALLERY }), { moodsFile });

  const indexFolder = join(t.testdirName, 'index');
  await mkdir(indexFolder);
  await writeFile(moodsFile, 'file,valence,arousal\nnone.webp,0,0\n');
  const args = ['index', BUNDLED_GALLERY, '--index', indexFolder, '--json'];
  const { stdout } = await called(args, indexProgram());
  const report = JSON.parse(stdout.toString()) as { moodFaults: string[] };
  t.match(report.moodFaults, [/moods\.csv, line 2: there is no picture none\.webp/]);
});
