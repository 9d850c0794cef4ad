import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { readManifest, readPairs, SPLITS } from '../../../models/training/index.ts';
import { called } from './called.ts';

const OASIS = [
  ',Theme,Category,Source,Valence_mean,Valence_SD,Valence_N,Arousal_mean,Arousal_SD,Arousal_N',
  'I1,Acorns 1,Object,Pixabay,4.68627451,0.954202712,102,2.346534653,1.602720459,101',
  'I2,Acorns 2,Object,Pixabay,4.519607843,0.841149522,102,2.227722772,1.399151086,101',
].join('\r');

t.test('oasis: from its table to a manifest', async (t) => {
  const folder = t.testdir({ images: { 'Acorns 1.jpg': '', 'Acorns 2.jpg': '' } });
  const [table, media, out] = [join(folder, 'OASIS.csv'), join(folder, 'images'), join(folder, 'M.csv')];
  await writeFile(table, OASIS);
  const { code, stdout, stderr } = await called([
    'dataset',
    'oasis',
    table,
    '--media',
    media,
    '--out',
    out,
    '--json',
  ]);
  t.same([code, stderr], [0, '']);
  t.same(JSON.parse(stdout.toString()), { corpus: 'oasis', rated: 2, written: 2, missing: 0, out });
  const { entries } = await readManifest(out);
  t.same(
    entries.map(({ file, id, columns }) => [file, id, columns]),
    [1, 2].map((n) => [
      join(media, `Acorns ${n}.jpg`),
      `Acorns ${n}`,
      { theme: 'Acorns', category: 'Object' },
    ]),
  );
});

t.test('pictures without a file are an error, unless they may be left out', async (t) => {
  const folder = t.testdir({ images: { 'Acorns 2.jpg': '' }, empty: {} });
  const [table, out] = [join(folder, 'OASIS.csv'), join(folder, 'M.csv')];
  await writeFile(table, OASIS);
  const run = (...options: string[]) => called(['dataset', 'oasis', table, '--out', out, ...options]);
  const refused = await run('--media', join(folder, 'images'));
  t.equal(refused.code, 1);
  t.match(
    refused.stderr,
    /^synesthete: .*images lacks 1 of the 2 files that oasis rates, among them Acorns 1; --skip-missing/,
  );
  t.match(
    (await run('--media', join(folder, 'empty'), '--skip-missing')).stderr,
    /holds none of the 2 files/,
  );
  t.same((await readdir(folder)).sort(), ['OASIS.csv', 'empty', 'images'], 'nothing was written');
  const left = await run('--media', join(folder, 'images'), '--skip-missing');
  t.equal(left.stdout.toString(), `${out}: 1 of 2 rated by oasis, 1 without a file\n`);
});

t.test('deam: song ratings or ratings over time, not both and not half', async (t) => {
  const header = `song_id,${[0, 1, 2, 3].map((i) => `sample_${15000 + 500 * i}ms`).join(',')}`;
  const folder = t.testdir({
    '2.mp3': '',
    'v.csv': `${header}\n2,0,0,0,0\n`,
    'a.csv': `${header}\n2,1,1,1,1\n`,
  });
  const out = join(folder, 'M.csv');
  const over = ['--valence', join(folder, 'v.csv'), '--arousal', join(folder, 'a.csv')];
  const run = (...options: string[]) =>
    called(['dataset', 'deam', '--media', folder, '--out', out, ...options]);
  const misuses = [[], over.slice(0, 2), ['x.csv', ...over]].map((options) => run(...options));
  for (const { code, stderr } of await Promise.all(misuses)) {
    t.equal(code, 2);
    t.match(stderr, /takes either tables of song ratings or both --valence TABLE and --arousal TABLE/);
  }
  t.equal((await run(...over)).code, 0);
  t.equal(await readFile(out, 'utf8'), 'file,valence,arousal,start,end,song\r\n2.mp3,0.5,1,15,17,2\r\n');
});

t.test('imemnet: the same seed gives the same files, and they pass the check', async (t) => {
  const image = (i: number) => `p${i}.jpg,${(i * 0.37) % 1},${(i * 0.61) % 1}`;
  const song = (i: number) => `s${i}.mp3,${(i * 0.23) % 1},${(i * 0.71) % 1},15,19`;
  const numbers = Array.from({ length: 60 }, (_, i) => i);
  const folder = t.testdir({
    ...Object.fromEntries(
      numbers.flatMap((i) => [
        [`p${i}.jpg`, ''],
        [`s${i}.mp3`, ''],
      ]),
    ),
    'I.csv': ['file,valence,arousal', ...numbers.map(image)].join('\n'),
    'S.csv': ['file,valence,arousal,start,end', ...numbers.map(song)].join('\n'),
  });
  const run = (out: string, seed: string) =>
    called([
      ...['dataset', 'imemnet', '--images', join(folder, 'I.csv'), '--music', join(folder, 'S.csv')],
      ...['--out', join(folder, out), '--seed', seed, '--json'],
    ]);
  const first = await run('one', '5');
  t.same([first.code, first.stderr], [0, '']);
  const summary = JSON.parse(first.stdout.toString()) as Record<string, unknown>;
  t.match(summary, {
    seed: 5,
    images: { train: 48, val: 3, test: 9 },
    songs: { train: 48, val: 3, test: 9 },
    clips: { train: 96, val: 6, test: 18 },
  });
  const names = [
    'images.csv',
    'imemnet.json',
    'music.csv',
    'pairs-test.txt',
    'pairs-train.txt',
    'pairs-val.txt',
  ];
  t.same((await readdir(join(folder, 'one'))).sort(), names);
  t.equal((await readManifest(join(folder, 'one', 'music.csv'))).entries.length, 120);
  t.equal((await readPairs(join(folder, 'one', 'pairs-train.txt'))).length, 5 * 96);

  await Promise.all([run('two', '5'), run('three', '6')]);
  const contents = (out: string) =>
    Promise.all(names.map((name) => readFile(join(folder, out, name), 'utf8')));
  t.same(await contents('two'), await contents('one'));
  t.notSame(await contents('three'), await contents('one'));

  const files = SPLITS.map((split) => join(folder, 'one', `pairs-${split}.txt`));
  const check = await called(['dataset', 'check', ...files]);
  t.equal(check.code, 0);
  t.match(check.stdout.toString(), /^pairs-train: 480 pairs, 48 songs, /);

  const again = await run('one', '5');
  t.equal(again.code, 2);
  t.match(again.stderr, /one exists already and is not empty; name a folder that does not exist yet/);
  t.equal((await run('new', 'x')).code, 2);
  const broken = await called([
    'dataset',
    'imemnet',
    '--images',
    join(folder, 'S.csv'),
    '--music',
    join(folder, 'I.csv'),
    '--out',
    join(folder, 'new'),
  ]);
  t.equal(broken.code, 1);
  t.match(broken.stderr, /I\.csv, line 2: has no start and end/);
  t.same(
    (await readdir(folder)).filter((name) => name.includes('new') || name.includes('part')),
    [],
  );
});

t.test('check: splits that share something fail', async (t) => {
  const folder = t.testdir({
    'train.txt': '1-0 a 0.5\n2-0 b 1\n',
    'val.txt': '2-3 c 0.25\n',
    'bad.txt': 'nonsense\n',
  });
  const run = (...names: string[]) =>
    called(['dataset', 'check', '--json', ...names.map((name) => join(folder, name))]);
  const overlap = await run('train.txt', 'val.txt');
  t.equal(overlap.code, 1);
  t.match(
    overlap.stderr,
    /^synesthete: train and val share 1 songs \(2…\); results on such splits are too good/,
  );
  t.match(JSON.parse(overlap.stdout.toString()), {
    overlaps: [{ splits: ['train', 'val'], songs: ['2'], pictures: [] }],
  });
  t.match((await run('bad.txt')).stderr, /bad\.txt, line 1: "nonsense" is no pair/);
});
