import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { PLAIN_ATTENTION } from '../../../models/model/index.ts';
import { folderGallery } from '../../../src/show/index.ts';
import { failure } from '../../models/rejection.ts';
import { emptyFolder } from '../../support/folder.ts';
import { formulaGallery, grid } from '../../support/formula-gallery.ts';
import { formulaModel } from '../../support/formula-model.ts';

const { fingerprint, ranking } = formulaModel();
const middle = { valence: 0.5, arousal: 0.5 };
const FACTS = {
  ...{ fingerprint, folder: 'formula', engine: 'formula', fallbacks: [] },
  ...{ ranking: ranking.score, width: ranking.width, music: { mean: middle, sd: middle } },
  attention: PLAIN_ATTENTION,
};

t.test('a table that is imported names files in any Unicode form, and may be of songs alone', async (t) => {
  const folder = emptyFolder(t);
  await formulaGallery(folder, grid(2), (i) => `caf\u00e9 ${i}.png`);
  const told: string[] = [];
  const opened = await folderGallery({ folder, notice: (line) => told.push(line) }).open(FACTS);
  const { moodsByHand } = opened;
  const import_ = (row: string) => moodsByHand.replace(Buffer.from(`file,valence,arousal\n${row}\n`));
  const now = new Promise<number | undefined>((resolve) => {
    const following = opened.changes.subscribe(({ catalogue }) => {
      resolve(catalogue.pictures.find(({ corrected }) => corrected !== undefined)?.valence);
    });
    t.teardown(() => {
      following.unsubscribe();
    });
  });
  await import_('cafe\u0301 1.png,0.125,');
  t.equal(await now, 0.125);
  await writeFile(join(folder, 'song.wav'), 'RIFF');
  await import_('song.wav,0.5,0.5');
  t.match(await moodsByHand.csv(), 'song.wav');
  t.match(await failure('BAD_TABLE', () => import_('theirs.png,0,0')), /none of the 1 files of the table/);
  t.match(await failure('BAD_TABLE', () => import_('../../etc/hosts,0,0')), /none of the 1 files/);
  t.same(told, []);
});
