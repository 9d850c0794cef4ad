import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { checkFolder, writeFolder } from '../../models/write-folder.ts';
import { failure } from './rejection.ts';

const fill = (text: string) => (folder: string) => writeFile(join(folder, 'a.txt'), text);

t.test('a folder is made whole; an empty one is replaced, and one that may be', async (t) => {
  const folder = t.testdir();
  const path = join(folder, 'out');
  await checkFolder(path);
  t.same(await readdir(folder), [], 'nothing is left of the check');
  await writeFolder(path, fill('one'));
  await mkdir(join(folder, 'empty'));
  await checkFolder(join(folder, 'empty'));
  await writeFolder(join(folder, 'empty'), fill('two'));
  await writeFolder(path, fill('three'), { mayReplace: () => Promise.resolve(true) });
  t.equal(await readFile(join(path, 'a.txt'), 'utf8'), 'three');
  t.same((await readdir(folder)).sort(), ['empty', 'out']);
});

t.test(
  'a folder on which a disk is mounted is refused before the contents are made, and stays',
  {
    skip:
      (process.platform !== 'linux' || process.getuid?.() !== 0) &&
      'needs a mounted folder beside which files can be made',
  },
  async (t) => {
    const before = (await readdir('/dev')).sort();
    const refusal = await failure('WRITE_FAILED', () =>
      checkFolder('/dev/shm', { mayReplace: () => Promise.resolve(true) }),
    );
    t.match(
      refusal,
      /^\/dev\/shm can't be written: (it is in use, or a disk is mounted there|the disk is read-only)$/,
    );
    t.same((await readdir('/dev')).sort(), before, 'nothing is left of the check');
  },
);

t.test('what may not be replaced stays as it is, and what fails leaves nothing', async (t) => {
  const folder = t.testdir({ full: { b: 'x' }, file: 'x' });
  const full = join(folder, 'full');
  for (const write of [() => checkFolder(full), () => writeFolder(full, fill('no'))]) {
    t.match(await failure('USAGE', write), /full exists already and is not empty; name a folder/);
  }
  t.match(await failure('USAGE', () => checkFolder(join(folder, 'file'))), /file is a file; name a folder/);
  t.match(
    await failure('WRITE_FAILED', () => checkFolder(join(folder, 'none', 'out'))),
    /out can't be written: its folder does not exist/,
  );
  const broken = () => Promise.reject(new Error('the disk has gone'));
  await t.rejects(
    writeFolder(full, broken, { mayReplace: () => Promise.resolve(true) }),
    /the disk has gone/,
  );
  t.same(await readdir(full), ['b']);
  t.same((await readdir(folder)).sort(), ['file', 'full']);
});

t.test('what stays is moved into the folder that takes the place', async (t) => {
  const folder = t.testdir({
    out: { 'a.txt': 'old', 'old.txt': 'x', 'README.md': 'mine', sub: { b: 'mine' } },
  });
  const out = join(folder, 'out');
  await writeFolder(out, fill('new'), {
    mayReplace: () => Promise.resolve(true),
    stays: (name) => ['README.md', 'sub'].includes(name),
  });
  t.same((await readdir(out)).sort(), ['README.md', 'a.txt', 'sub']);
  t.equal(await readFile(join(out, 'a.txt'), 'utf8'), 'new');
  t.equal(await readFile(join(out, 'sub', 'b'), 'utf8'), 'mine');
  t.same(await readdir(folder), ['out']);
});
