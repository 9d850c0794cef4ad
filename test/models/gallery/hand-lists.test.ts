import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { sha256 } from '../../../models/checksum.ts';
import {
  HandListsEditor,
  indexGallery,
  openGallery,
  type Gallery,
  type Snapshot,
} from '../../../models/gallery/index.ts';
import { updateHandList } from '../../../models/gallery/hand-lists.ts';
import { tryLock } from '../../../models/lock.ts';
import { emptyFolder } from '../../support/folder.ts';
import { formulaModel } from '../../support/formula-model.ts';
import { failure } from '../rejection.ts';
import { put, waves } from './support/pictures.ts';

function picture(name: string) {
  return { file: `${name}.png`, content: sha256(name) };
}

t.test('each step about a picture is undone and redone by itself', async (t) => {
  const folder = emptyFolder(t);
  const editor = new HandListsEditor(folder);
  const text = async (list: string) => readFile(join(folder, list), 'utf8').catch(() => '');
  const line = (name: string) => `${sha256(name)}  ${name}.png\n`;
  await editor.set('hidden', picture('a'), false);
  t.match(editor, { canUndo: false, canRedo: false }, 'what changes nothing is no step');
  await failure('USAGE', () => editor.undo());

  await editor.set('hidden', picture('a'), true);
  await editor.set('allowed', picture('b'), true);
  t.equal(await text('hidden'), line('a'));
  t.equal(await text('allowed'), line('b'));
  await editor.undo();
  t.equal(await text('allowed'), '');
  t.match(editor, { canUndo: true, canRedo: true });
  await updateHandList(folder, 'hidden', (listed) => listed.set(sha256('c'), 'c.png'));
  await editor.undo();
  t.equal(await text('hidden'), line('c'), 'what another program has hidden stays');
  await editor.redo();
  await editor.redo();
  t.equal(await text('allowed'), line('b'));
  t.match(editor, { canUndo: true, canRedo: false });
  await failure('USAGE', () => editor.redo());
  await editor.undo();
  await editor.set('hidden', picture('d'), true);
  t.match(editor, { canUndo: true, canRedo: false }, 'a new step takes the place of those undone');
});

t.test('changes at the same time are all kept', async (t) => {
  const folder = emptyFolder(t);
  const names = Array.from({ length: 12 }, (_, i) => `p${i}`);
  const editors = [new HandListsEditor(folder), new HandListsEditor(folder)];
  await Promise.all(names.map((name, i) => editors[i % 2]!.set('hidden', picture(name), true)));
  const lines = (await readFile(join(folder, 'hidden'), 'utf8')).trimEnd().split('\n');
  t.equal(lines.length, names.length);
});

t.test('a list that is malformed, or held, is left as it is', async (t) => {
  const folder = emptyFolder(t);
  const editor = new HandListsEditor(folder);
  await writeFile(join(folder, 'hidden'), 'a.png\n');
  t.match(await failure('BAD_INDEX', () => editor.set('hidden', picture('b'), true)), /line 1 is not a SHA/);
  t.equal(await readFile(join(folder, 'hidden'), 'utf8'), 'a.png\n');
  t.match(editor, { canUndo: false });
  await rm(join(folder, 'hidden'));

  const lock = await tryLock(join(folder, 'hand-lists.lock'));
  const waiting = editor.set('hidden', picture('b'), true);
  t.equal(await stat(join(folder, 'hidden')).catch(() => undefined), undefined);
  if ('release' in lock) await lock.release();
  await waiting;
  t.ok(editor.canUndo, 'a change waits for another');
  await mkdir(join(folder, 'allowed'));
  await t.rejects(editor.set('allowed', picture('b'), true), { code: 'NOT_A_FILE' });
});

/** What a gallery shows next. */
function next(gallery: Gallery): Promise<Snapshot> {
  return new Promise((resolve) => {
    const stop = gallery.follow((snapshot) => {
      stop();
      resolve(snapshot);
    });
  });
}

t.test('an open gallery follows the lists without reading its index or its pictures', async (t) => {
  const folder = emptyFolder(t);
  await put(folder, 'a.png', waves({ seed: 1 }));
  await put(folder, 'green.png', waves({ colour: [30, 180, 30], contrast: 10, seed: 2 }));
  await indexGallery(folder, formulaModel());
  const gallery = await openGallery(folder, { model: formulaModel(), unsafeThreshold: 0.5 });
  t.teardown(() => {
    gallery.close();
  });
  const stateOf = (snapshot: Snapshot) =>
    [0, 1].map((row) => [snapshot.isHidden(row), snapshot.isUnsafe(row)]);
  t.strictSame(stateOf(gallery.snapshot), [
    [false, false],
    [false, true],
  ]);
  const { vectors } = gallery.snapshot;
  const editor = new HandListsEditor(join(folder, '.synesthete'));
  const listed = (row: number) => ({
    file: gallery.snapshot.picture(row).file,
    content: gallery.snapshot.contentOf(row),
  });
  const alive = setInterval(() => undefined, 100);
  t.teardown(() => {
    clearInterval(alive);
  });
  const hidden = next(gallery);
  await editor.set('hidden', listed(0), true);
  t.strictSame(stateOf(await hidden), [
    [true, false],
    [false, true],
  ]);
  const allowed = next(gallery);
  await editor.set('allowed', listed(1), true);
  t.strictSame(stateOf(await allowed), [
    [true, false],
    [false, false],
  ]);
  t.strictSame(gallery.snapshot.rowsOnList('allowed'), [1]);
  t.equal(gallery.snapshot.vectors, vectors, 'the index is not read again');
  const shown = next(gallery);
  await rm(join(folder, '.synesthete', 'hidden'));
  t.strictSame(stateOf(await shown), [
    [false, false],
    [false, false],
  ]);
});
