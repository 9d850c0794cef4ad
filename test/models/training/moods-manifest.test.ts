import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readManifest, type ManifestOptions } from '../../../models/training/index.ts';
import { failure } from '../rejection.ts';

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

async function tableWith(t: Test, csv: string): Promise<string> {
  const folder = t.testdir({ 'a.wav': 'RIFF', 'b.wav': 'RIFF' });
  await writeFile(join(folder, 'p.png'), PNG);
  const path = join(folder, 'moods.csv');
  await writeFile(path, csv);
  return path;
}

const told: string[] = [];
const OPTIONS: ManifestOptions = {
  mayLackOne: true,
  medium: 'music',
  notice: (line) => told.push(line),
};

t.test('moods.csv is read as shows read it: wrong lines are reported, and the others count', async (t) => {
  const path = await tableWith(
    t,
    [
      'file,valence,arousal,start,end,weight,split',
      '# of the second set',
      'a.wav,0.2,0.4,,,2,train',
      'a.wav,,0.9,60,90,,',
      'a.wav,0.7,0.7,300,,,',
      'a.wav,7,0.5,10,20,,',
      'b.wav,,,,,,',
      'none.wav,0.5,0.5,,,,',
      'p.png,0.1,0.1,,,,',
      'a.wav,0.3,0.3,200,201,,',
    ].join('\n'),
  );
  told.length = 0;
  const { entries, otherColumns } = await readManifest(path, OPTIONS);
  t.same(
    entries.map(({ startSeconds, endSeconds, rating, line }) => [startSeconds, endSeconds, rating, line]),
    [
      [undefined, 60, { valence: 0.2, arousal: 0.4 }, 3],
      [60, 90, { valence: 0.2, arousal: 0.9 }, 4],
      [90, 200, { valence: 0.2, arousal: 0.4 }, 3],
      [201, 300, { valence: 0.2, arousal: 0.4 }, 3],
      [300, undefined, { valence: 0.7, arousal: 0.7 }, 5],
    ],
    'a second is too short for a clip',
  );
  t.same(otherColumns, ['weight']);
  t.match(entries[0], { split: 'train', columns: { weight: '2' } });
  t.match(told, [
    /moods\.csv, line 6: valence is "7": write a number from 0 to 1/,
    /line 8: .*none\.wav does not exist; such rows are ignored/,
  ]);
  const pictures = await readManifest(path, { ...OPTIONS, medium: 'image' });
  t.same(pictures.entries.map(({ rating }) => rating), [{ valence: 0.1, arousal: 0.1 }]); // prettier-ignore
});

t.test('what leaves nothing to learn from is reported', async (t) => {
  const read = async (csv: string, options = OPTIONS): Promise<string> => {
    const path = await tableWith(t, csv);
    return failure('BAD_TABLE', () => readManifest(path, options));
  };
  t.match(await read('file,valence,arousal\np.png,0.1,0.1\n'), /no row that gives a song beside it a mood$/);
  t.match(await read('file,valence\na.wav,0.1\n'), /lacks the columns arousal/);
  t.match(
    await read('file,valence,arousal\na.wav,,0.1\n', { ...OPTIONS, mayLackOne: false }),
    /line 2: valence is empty/,
  );
  t.match(await read('file,valence,arousal,split\na.wav,0.1,0.1,dev\n'), /line 2: "dev" is no split/);
  await failure('FILE_NOT_FOUND', () => readManifest(join(t.testdir(), 'moods.csv'), OPTIONS));
});
