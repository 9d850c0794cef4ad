import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openModel, type Prediction } from '../../../src/library/index.ts';
import { OpenModel } from '../../../src/library/model.ts';
import { formulaGallery, grid } from '../../support/formula-gallery.ts';
import { formulaModel } from '../../support/formula-model.ts';
import { writeMusic, writePicture } from '../../support/media.ts';

async function all(predictions: AsyncIterable<Prediction>): Promise<Prediction[]> {
  const found: Prediction[] = [];
  for await (const prediction of predictions) found.push(prediction);
  return found;
}

t.test('files are predicted in their order, pictures once and sound for each clip', async (t) => {
  const folder = t.testdir({ 'notes.txt': 'no picture, no sound' });
  const [picture, sound] = [join(folder, 'red.png'), join(folder, 'song.wav')];
  await writePicture(picture, { r: 255, g: 0, b: 51 });
  await writeMusic(sound, 5);
  let closed = 0;
  const close = (): Promise<void> => {
    closed += 1;
    return Promise.resolve();
  };
  const served = { ...formulaModel(), close };
  const model = new OpenModel(served, false);
  const found = await all(model.predict([sound, picture]));
  t.match(found, [
    { file: sound, kind: 'music', startSeconds: 0, durationSeconds: 2, unsafe: null },
    { file: sound, kind: 'music', startSeconds: 2, durationSeconds: 2, unsafe: null },
    { file: picture, kind: 'image', startSeconds: null, durationSeconds: null, unsafe: 0 },
  ]);
  const [, , red] = found;
  t.match(red, { valenceSd: 0.1, arousalSd: 0.1, model: model.fingerprint });
  t.ok(Math.abs(red!.valence - 1) < 0.01 && Math.abs(red!.arousal - 0.2) < 0.01);
  t.equal(red!.embedding.length, 512);

  const bad = join(folder, 'notes.txt');
  await t.rejects(all(model.predict(bad)), { name: 'SynestheteError', code: 'NO_AUDIO' });
  const unreadable: string[] = [];
  const onUnreadable = (file: string, { code }: { code: string }) => unreadable.push(`${file} ${code}`);
  t.equal((await all(model.predict([bad, picture], { onUnreadable }))).length, 1);
  t.strictSame(unreadable, [`${bad} NO_AUDIO`]);

  await model.close();
  await model.close();
  t.equal(closed, 1);
  await t.rejects(all(model.predict(picture)), {
    code: 'USAGE',
    message: 'the model is closed: open it again',
  });
});

t.test('an index tells what it did', async (t) => {
  const folder = t.testdir({ 'torn.png': '\x89PNG\r\n\x1a\n' });
  await writePicture(join(folder, 'blue.png'), { r: 0, g: 0, b: 255 });
  await writePicture(join(folder, 'green.png'), { r: 0, g: 255, b: 0 });
  await writeFile(join(folder, 'moods.csv'), 'file,valence,arousal\nblue.png,0.9,0.1\nnone.png,1,1\n');
  const model = new OpenModel(formulaModel(), false);
  const indexFolder = join(folder, 'index');
  const steps: (readonly [number, number])[] = [];
  const report = await model.indexGallery(folder, {
    indexFolder,
    allowBlank: true,
    onProgress: (done, total) => steps.push([done, total]),
  });
  t.match(report, {
    pictures: 2,
    added: 2,
    removed: 0,
    unsafe: ['green.png'],
    broken: [{ file: 'torn.png' }],
  });
  t.match(report.moodFaults, [/line 3: there is no picture none\.png/]);
  t.strictSame(steps.at(-1), [3, 3]);

  const lines: string[] = [];
  const gallery = await model.openGallery(folder, { indexFolder, onNotice: (line) => lines.push(line) });
  t.match([...gallery.pictures()], [{ file: 'blue.png', valence: Math.fround(0.9) }, { file: 'green.png' }]);
  t.match(lines, [/line 3/]);
  t.match(gallery.search({ valence: 0.9, arousal: 0.1 }), [{ file: 'blue.png', fit: 1 }]);
  t.equal(gallery.search({ valence: 0.9, arousal: 0.1 }, { withUnsafe: true }).length, 2);

  const aborted = new AbortController();
  aborted.abort(new Error('enough'));
  const rest = { indexFolder: join(folder, 'other'), signal: aborted.signal };
  await t.rejects(model.indexGallery(folder, rest), { message: 'enough' });
});

t.test('the built-in model reads files, indexes pictures and finds those that fit', async (t) => {
  const folder = t.testdir({});
  await formulaGallery(folder, grid(2));
  const song = join(folder, 'song.wav');
  await writeMusic(song, 4);
  const model = await openModel(undefined, { engine: 'cpu', threads: 1 });
  t.teardown(() => model.close());
  await t.rejects(model.openGallery(folder), { code: 'OTHER_MODEL' });
  t.match(await model.indexGallery(folder), { pictures: 4, broken: [] });
  const gallery = await model.openGallery(folder);
  const [clip] = await all(model.predict(song));
  const found = gallery.search(clip!, { count: 3 });
  t.equal(found.length, 3);
  t.ok(found.every(({ valence, arousal }) => valence >= 0 && valence <= 1 && arousal >= 0 && arousal <= 1));
  t.ok(found[0]!.score > found[2]!.score);
  t.equal(found[0]!.fit, 1);
  t.ok(found[0]!.rendition.startsWith(folder));
  t.ok(found[0]!.thumbnail !== found[0]!.rendition);
});

t.test('a folder that holds no model, and an engine that there is not, are reported', async (t) => {
  await t.rejects(openModel(t.testdir({})), { code: 'FILE_NOT_FOUND' });
  await t.rejects(openModel(undefined, { engine: 'abacus' as 'cpu' }), { code: 'USAGE' });
});
