import { existsSync } from 'node:fs';
import { lstat, mkdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { MoodsEditor, MoodsFile, MOST_MOODS_BYTES } from '../../../models/moods/index.ts';
import { emptyFolder } from '../../support/folder.ts';
import { failure } from '../rejection.ts';

const editorOf = (path: string) => new MoodsEditor(new MoodsFile(path));

t.test('changes are undone and done again, letter by letter', async (t) => {
  const path = join(emptyFolder(t), 'moods.csv');
  const editor = editorOf(path);
  const text = () => (existsSync(path) ? readFile(path, 'utf8') : Promise.resolve(null));
  await failure('USAGE', () => editor.undo());
  t.equal(await editor.csv(), 'file,valence,arousal\n');
  await Promise.all([
    editor.set('a.jpg', { valence: 0.5, arousal: null }),
    editor.set('b.jpg', { valence: 0, arousal: 1 }),
  ]);
  const two = 'file,valence,arousal\na.jpg,0.5,\nb.jpg,0,1\n';
  t.equal(await text(), two);
  await editor.set('a.jpg', { valence: null, arousal: null });
  t.equal(await text(), 'file,valence,arousal\nb.jpg,0,1\n');
  t.match(editor, { canUndo: true, canRedo: false });
  await editor.undo();
  t.equal(await text(), two);
  await editor.undo();
  await editor.undo();
  t.equal(await text(), null, 'there was none at the beginning');
  t.match(editor, { canUndo: false, canRedo: true });
  await editor.redo();
  await editor.redo();
  t.equal(await text(), two);
  await editor.set('a.jpg', { valence: 1, arousal: 1 });
  t.equal(editor.canRedo, false, 'what was undone is gone with a new step');
  await editor.set('a.jpg', { valence: 1, arousal: 1 });
  await editor.undo();
  t.equal(await text(), two, 'a change of nothing is no step');

  await writeFile(path, `${two}# somebody else\n`);
  t.match(await failure('USAGE', () => editor.undo()), /changed by somebody else: there is nothing to undo/);
  t.equal(await text(), `${two}# somebody else\n`);
  await editor.set('b.jpg', { valence: 0.5, arousal: 0.5 });
  t.equal(await text(), 'file,valence,arousal\na.jpg,0.5,\nb.jpg,0.5,0.5\n# somebody else\n');
  await editor.undo();
  t.equal(await text(), `${two}# somebody else\n`);
});

t.test('another table takes the place of this one whole, or not at all', async (t) => {
  const path = join(emptyFolder(t), 'moods.csv');
  const editor = editorOf(path);
  const isThere = (file: string) => Promise.resolve(file === 'a.jpg');
  await editor.set('a.jpg', { valence: 0.5, arousal: 0.5 });
  const before = await readFile(path, 'utf8');
  for (const [csv, why] of [
    ['file,valence,arousal\na.jpg,2,0\n', /^the table, line 2: valence is "2".*nothing was changed/],
    ['file,valence,arousal\nz.jpg,0,0\n', /none of the 1 files of the table is in this gallery/],
    ['what is this', /lacks the columns/],
    [Buffer.from([0xff, 0xfe, 0x00]), /not UTF-8/],
    [Buffer.alloc(MOST_MOODS_BYTES + 1, ' '), /larger than 8 MiB/],
  ] as const) {
    t.match(await failure('BAD_TABLE', () => editor.replace(Buffer.from(csv), isThere)), why);
    t.equal(await readFile(path, 'utf8'), before);
  }
  const csv = '# theirs\nfile,valence,arousal,who\na.jpg,1,1,Ann\nz.jpg,0,0,Bea\n';
  await editor.replace(Buffer.from(csv), isThere);
  t.equal(await readFile(path, 'utf8'), csv);
  t.equal(await editor.csv(), csv);
  await editor.undo();
  t.equal(await readFile(path, 'utf8'), before);
  await editor.replace(Buffer.from('file,valence,arousal\n'), isThere);
  t.equal(await editor.csv(), 'file,valence,arousal\n', 'one without a row clears them all');
});

t.test('a table that is a link stays one: what it leads to is written, and taken away', async (t) => {
  const folder = emptyFolder(t);
  const [path, target] = [join(folder, 'moods.csv'), join(folder, 'synced', 'mine.csv')];
  await mkdir(join(folder, 'synced'));
  await symlink(join('synced', 'mine.csv'), path);
  const editor = editorOf(path);
  const isLink = async () => (await lstat(path)).isSymbolicLink();
  await editor.set('a.jpg', { valence: 0.5, arousal: 0.5 });
  t.equal(
    await readFile(target, 'utf8'),
    'file,valence,arousal\na.jpg,0.5,0.5\n',
    'one that led to nothing yet',
  );
  await editor.set('a.jpg', { valence: 1, arousal: 0.5 });
  t.match(await readFile(target, 'utf8'), 'a.jpg,1,0.5');
  t.ok(await isLink());
  await editor.undo();
  await editor.undo();
  t.notOk(existsSync(target), 'there was none at the beginning');
  t.ok(await isLink());
  await editor.redo();
  t.match(await readFile(target, 'utf8'), 'a.jpg,0.5,0.5');
  t.equal(await readlink(path), join('synced', 'mine.csv'));
  await rm(path);
  await symlink('moods.csv', path);
  await failure('FILE_NOT_FOUND', () => editor.set('a.jpg', { valence: 1, arousal: 1 }));
});

t.test('what is exported is the same when it comes back', async (t) => {
  const path = join(emptyFolder(t), 'moods.csv');
  const file = new MoodsFile(path);
  const editor = new MoodsEditor(file);
  await writeFile(path, '# mine\nfile,valence,arousal\n=1+1.jpg,0.5,0.5\n');
  const before = (await file.read())!.rows;
  const csv = await editor.csv();
  t.equal(csv, '# mine\nfile,valence,arousal\n./=1+1.jpg,0.5,0.5\n');
  await editor.replace(Buffer.from(csv), (name) => Promise.resolve(name === '=1+1.jpg'));
  t.strictSame((await file.read())!.rows, before);
});
