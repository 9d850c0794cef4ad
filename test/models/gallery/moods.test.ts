import { copyFile, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { indexGallery, openGallery, type Snapshot } from '../../../models/gallery/index.ts';
import { embeddingRanking, type Model } from '../../../models/model/index.ts';
import { MoodsEditor, MoodsFile, MOST_MOODS_BYTES } from '../../../models/moods/index.ts';
import { parseMoods } from '../../../models/moods/table.ts';
import { emptyFolder } from '../../support/folder.ts';
import { formulaModel } from '../../support/formula-model.ts';
import { failure } from '../rejection.ts';
import { putMany } from './support/pictures.ts';

/** Four pictures, of which 002 lies in the bank sea, and their index. */
async function indexed(gallery: string, model: Model = formulaModel()) {
  await putMany(gallery, 4);
  return indexGallery(gallery, model);
}

const pictureOf = (snapshot: Snapshot, file: string) => snapshot.picture(snapshot.rows.get(file)!);

t.test('moods.csv wins over the model, in each axis that it names, and nothing is read again', async (t) => {
  const gallery = emptyFolder(t);
  await indexed(gallery);
  const model = formulaModel();
  const before = (await openGallery(gallery, { model })).snapshot;
  await writeFile(join(gallery, 'moods.csv'), 'file,valence,arousal\nsea/002.png,0.125,\n000.png,1,0\n');
  const report = await indexGallery(gallery, {
    ...model,
    embedPictures: () => Promise.reject(new Error('a picture is read again')),
  });
  t.match(report, { byHand: 2, moodFaults: [], hasChanged: false, read: 0, passedOver: 0 });

  const { snapshot } = await openGallery(gallery, { model });
  const read = pictureOf(before, 'sea/002.png');
  const { valence, arousal } = read;
  t.match(pictureOf(snapshot, 'sea/002.png'), {
    ...{ id: read.id, valence: 0.125, arousal },
    corrected: { prediction: { valence, arousal }, hand: { valence: 0.125, arousal: null } },
  });
  t.match(pictureOf(snapshot, '000.png'), { valence: 1, arousal: 0 });
  t.match(pictureOf(snapshot, '001.png'), { corrected: undefined });
  t.equal(read.corrected, undefined, 'who holds the snapshot before sees nothing of it');

  const row = snapshot.rows.get('sea/002.png')!;
  const at = ({ vectors }: Snapshot, of: number) => vectors.slice(4 * of, 4 * of + 4);
  const [, , ...variances] = at(before, row);
  const expected = Float32Array.of(0.125, arousal, ...variances);
  t.strictSame(at(snapshot, row), expected, 'the point of the plane is the hand’s, as uncertain as before');
  const other = snapshot.rows.get('001.png')!;
  t.strictSame(at(snapshot, other), at(before, other));
  t.equal(snapshot.corrected, null, 'and that is all that a ranking of the plane needs');
});

t.test('vectors of embeddings stay, and tell what the model read', async (t) => {
  const gallery = emptyFolder(t);
  const model = { ...formulaModel(), ranking: embeddingRanking(512) };
  await indexed(gallery, model);
  const before = (await openGallery(gallery, { model })).snapshot;
  await writeFile(join(gallery, 'moods.csv'), 'file,valence,arousal\n001.png,0,1\n');
  const { snapshot } = await openGallery(gallery, { model });
  t.strictSame(snapshot.vectors, before.vectors);
  const row = snapshot.rows.get('001.png')!;
  t.strictSame(snapshot.corrected, {
    rows: Uint32Array.of(row),
    predictions: Float32Array.of(before.valence[row]!, before.arousal[row]!),
  });
  t.match([snapshot.valence[row], snapshot.arousal[row]], [0, 1]);
});

t.test('lines that are wrong are reported, and a table that is not understood as a whole', async (t) => {
  const gallery = emptyFolder(t);
  await indexed(gallery);
  const path = join(gallery, 'moods.csv');
  await writeFile(
    path,
    'file,valence,arousal\n000.png,0.5,0.5\nsea\\002.png,0,0\n../000.png,0,0\n"a\nb.png",1,1\n001.png,7,0\n',
  );
  const told: string[][] = [];
  const options = {
    model: formulaModel(),
    onMoodFaults: (faults: readonly string[]) => told.push([...faults]),
  };
  const opened = await openGallery(gallery, options);
  t.equal(opened.snapshot.picture(0).valence, 0.5);
  t.strictSame(told, [
    [
      'moods.csv, line 3: there is no picture sea\\002.png in the index: write / between folders',
      'moods.csv, line 4: there is no picture ../000.png in the index: name it as it lies below the gallery',
      'moods.csv, line 5: there is no picture a b.png in the index: name it as it lies below the gallery',
      'moods.csv, line 7: valence is "7": write a number from 0 to 1, or nothing for the model\'s',
    ],
  ]);
  t.match(await indexGallery(gallery, formulaModel()), { byHand: 1, moodFaults: told[0]! });

  for (const [content, why] of [
    [Buffer.from('file,valence,arousal\ncaf\xe9.png,0,0\n', 'latin1'), /moods\.csv is not UTF-8: save it/],
    [Buffer.alloc(MOST_MOODS_BYTES + 1, 'a'), /moods\.csv is larger than 8 MiB/],
    ['file;valence;arousal\n000.png;0;0\n', /not separated by commas/],
    ['file,valence,arousal\n"000.png,0,0\n', /moods\.csv, line 2 opens a quote that is never closed/],
  ] as const) {
    await writeFile(path, content);
    const { snapshot } = opened;
    await opened.reloadMoods();
    t.equal(opened.snapshot, snapshot, 'the moods that counted stay');
    t.match(told.at(-1), [why]);
    t.equal(told.at(-1)!.length, 1);
    t.strictSame(opened.moodFaults, told.at(-1));
    t.match(await indexGallery(gallery, formulaModel()), { byHand: 0, moodFaults: [why] });
    t.match((await openGallery(gallery, options)).snapshot.picture(0), { corrected: undefined });
    const editor = new MoodsEditor(new MoodsFile(path));
    await failure('BAD_TABLE', () => editor.set('000.png', { valence: 0, arousal: 0 }));
    await failure('BAD_TABLE', () => editor.csv());
    t.same(await readFile(path), Buffer.from(content), 'and the file is as it was');
  }
  const count = told.length;
  await opened.reloadMoods();
  t.equal(told.length, count, 'a fault is reported once');
  await rm(path);
  await opened.reloadMoods();
  t.strictSame(opened.moodFaults, []);
  t.equal(opened.snapshot.picture(0).corrected, undefined, 'without the table the model’s are back');
});

t.test(
  'a gallery that is followed takes up each change of the moods, and keeps them with its disk away',
  async (t) => {
    const folder = emptyFolder(t);
    const gallery = join(folder, 'pictures');
    const indexFolder = join(folder, 'index');
    await putMany(gallery, 2);
    await indexGallery(gallery, formulaModel(), { indexFolder });
    const opened = await openGallery(gallery, { model: formulaModel(), indexFolder });
    // What looks for changes keeps no process from its end.
    const alive = setInterval(() => undefined, 1000);
    t.teardown(() => {
      clearInterval(alive);
      opened.close();
    });
    const first = opened.snapshot;
    const changed = new Promise<Snapshot>((resolve) => opened.follow(resolve));
    await writeFile(join(gallery, 'moods.csv'), 'file,valence,arousal\n000.png,0.25,0.75\n');
    const second = await changed;
    t.match(second.picture(0), { valence: 0.25, arousal: 0.75 });
    t.equal(first.picture(0).corrected, undefined);
    await rename(gallery, join(folder, 'away'));
    await opened.reloadMoods();
    t.equal(opened.snapshot, second);
    t.match(opened.moodFaults, [/pictures can't be read: it does not exist/]);
    await rename(join(folder, 'away'), gallery);
    await opened.reloadMoods();
    t.equal(opened.snapshot, second);
    t.strictSame(opened.moodFaults, []);
    await opened.reload();
    t.match(opened.snapshot.picture(0), { valence: 0.25, arousal: 0.75 }, 'a new index keeps them');
  },
);

t.test(
  'one table for pictures and songs: what is of the songs is passed over, and nothing else',
  async (t) => {
    const folder = emptyFolder(t);
    const gallery = join(folder, 'gallery');
    await indexed(gallery);
    await writeFile(join(gallery, 'song.wav'), 'RIFF');
    await writeFile(join(folder, 'outside.wav'), 'RIFF');
    await copyFile(join(gallery, '000.png'), join(gallery, 'new.png'));
    const rows = [
      '# both',
      'file,valence,arousal,start,end,note',
      '000.png,0.25,0.75',
      'song.wav,0.1,0.1,,',
      'song.wav,,0.9,60,90',
      '001.png,,,,,not sure yet',
      'gone.wav,0,0,,',
      '../outside.wav,0,0,,',
      `${join(folder, 'outside.wav')},0,0,,`,
      'new.png,0,0,,',
      '001.png,0,0,3,',
    ];
    await writeFile(join(gallery, 'moods.csv'), rows.join('\n'));
    const { snapshot } = await openGallery(gallery, { model: formulaModel() });
    t.match(pictureOf(snapshot, '000.png'), { valence: 0.25, arousal: 0.75 });
    t.match(
      snapshot.moodFaults.map((line) => line.replace(folder, 'FOLDER')),
      [
        /line 7: there is no picture gone\.wav in the index/,
        /line 8: there is no picture \.\.\/outside\.wav in the index/,
        /line 9: there is no picture FOLDER\/outside\.wav in the index/,
        /line 10: there is no picture new\.png in the index/,
        /line 11: 001\.png is a picture: leave start and end empty/,
      ],
    );
    t.equal(snapshot.moodFaults.length, 5);
  },
);

t.test('a table is understood once for each text, however many look at it', async (t) => {
  const gallery = emptyFolder(t);
  await indexed(gallery);
  let understood = 0;
  const moods = new MoodsFile(join(gallery, 'moods.csv'), (text, name) => {
    understood++;
    return parseMoods(text, name);
  });
  const opened = await openGallery(gallery, { model: formulaModel(), moods });
  const editor = new MoodsEditor(moods);
  for (const valence of [0.25, 0.5, 0.75]) {
    await editor.set('000.png', { valence, arousal: null });
    await opened.reloadMoods();
    await opened.reloadMoods();
    t.equal(opened.snapshot.picture(0).valence, valence);
  }
  t.equal(understood, 3, 'once a drag');
  await editor.undo();
  await opened.reloadMoods();
  t.equal(opened.snapshot.picture(0).valence, 0.5);
  t.equal(understood, 4);
  const { snapshot } = opened;
  const old = new Date(Date.now() - 60_000);
  await utimes(moods.path, old, old);
  await opened.reloadMoods();
  const table = await moods.read();
  t.equal(opened.snapshot, snapshot, 'the same text is the same table');
  t.equal(await moods.read(), table);
  t.equal(understood, 4);
  // What another program writes in its place at the same size, within the same moment of a coarse clock.
  const text = table!.text.replace('0.5', '0.1');
  await writeFile(moods.path, text);
  t.equal((await moods.read())!.text, text);
  await writeFile(moods.path, text.replace('0.1', '0.2'));
  t.match((await moods.read())!.text, '0.2');
});
