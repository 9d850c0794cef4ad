import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { BUNDLED_MUSIC, ownMoodsFile } from '../../../../src/built-in/index.ts';
import { galleryPlace } from '../../../../src/cli/shared/gallery-place.ts';

const OPTIONS = { engine: 'cpu', hop: 0.5, flashLimiter: true } as const;
/** `index` with the formula model. */
const INDEX_PROCESS = fileURLToPath(
  new URL('../../../models/gallery/support/index-process.ts', import.meta.url),
);
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
  const args = [...process.execArgv, INDEX_PROCESS, BUNDLED_GALLERY, '--index', indexFolder, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  const report = JSON.parse(stdout) as { moodFaults: string[] };
  t.match(report.moodFaults, [/moods\.csv, line 2: there is no picture none\.webp/]);
});
