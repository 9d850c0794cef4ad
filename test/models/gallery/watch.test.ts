import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import {
  indexGallery,
  openGallery,
  watchGallery,
  type IndexReport,
  type Snapshot,
} from '../../../models/gallery/index.ts';
import { defaultIndexFolder, layoutOf } from '../../../models/gallery/layout.ts';
import { formulaModel } from '../../support/formula-model.ts';
import { put, putMany, waves } from './support/pictures.ts';

/** The next notice, however soon or late. */
function mailbox<T>() {
  const letters: T[] = [];
  const waiting: ((letter: T) => void)[] = [];
  return {
    put(letter: T): void {
      const next = waiting.shift();
      if (next) next(letter);
      else letters.push(letter);
    },
    next(): Promise<T> {
      const letter = letters.shift();
      return letter === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(letter);
    },
  };
}

t.test('pictures that come and go while a show runs', async (t) => {
  const gallery = t.testdir({});
  await putMany(gallery, 3);
  const end = new AbortController();
  const reports = mailbox<IndexReport>();
  const idle = mailbox<true>();
  const watching = watchGallery(gallery, formulaModel(), {
    signal: end.signal,
    quietMs: 20,
    onReport: (report) => {
      reports.put(report);
    },
    onIdle: () => {
      idle.put(true);
    },
  });
  t.match(await reports.next(), { pictures: 3, added: 3 });
  await idle.next();

  const show = await openGallery(gallery, { model: formulaModel() });
  const first = show.snapshot;
  const swaps = mailbox<[Snapshot, Snapshot]>();
  const leave = show.follow((now, before) => {
    swaps.put([now, before]);
  });
  await put(gallery, 'new bank/new.png', waves({ seed: 70 }));
  // The folder may be seen before the file in it: then the file comes with a report of its own.
  let report = await reports.next();
  while (report.pictures < 4) report = await reports.next();
  t.match(report, { banks: ['new bank', 'sea'] });
  const [now, before] = await swaps.next();
  t.equal(before, first);
  t.equal(show.snapshot, now);
  t.equal(now.count, 4);
  t.equal(first.count, 3, 'who holds the snapshot before sees nothing of it');
  t.equal(first.picture(0).id, now.pictureOf(first.picture(0).id)!.id);

  await idle.next();
  await rm(join(gallery, '000.png'));
  await put(gallery, 'broken.jpg', Buffer.from('GIF87a but no more'));
  report = await reports.next();
  while (report.pictures > 3 || report.broken.length === 0) report = await reports.next();
  t.match(report, { pictures: 3, broken: [{ file: 'broken.jpg' }] });
  leave();
  show.close();
  end.abort(new Error('enough'));
  await watching;
});

t.test('a new index that is damaged is reported, and the show keeps what it has', async (t) => {
  const gallery = t.testdir({});
  await putMany(gallery, 2);
  const model = formulaModel();
  await indexGallery(gallery, model);
  const notices: string[] = [];
  const show = await openGallery(gallery, { model, notice: (line) => notices.push(line) });
  const { snapshot } = show;
  const { index } = layoutOf(defaultIndexFolder(gallery), model);
  await writeFile(`${index}.torn`, 'SYNINDEX and nothing else');
  await rename(`${index}.torn`, index);
  await show.reload();
  t.equal(show.snapshot, snapshot);
  t.match(notices, [/is damaged/]);
  await indexGallery(gallery, model);
  await show.reload();
  t.not(show.snapshot, snapshot);
  t.equal(notices.length, 1);
  show.close();
});

t.test('what goes wrong in the first run is thrown', async (t) => {
  const watching = watchGallery('/nowhere/at/all', formulaModel(), {
    signal: new AbortController().signal,
    onReport: () => t.fail('there is nothing to report'),
  });
  await t.rejects(watching, { code: 'FILE_NOT_FOUND' });
});
