import { cp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { TINY_CDCML } from '../../../models/training/on-encoders/formula-files.ts';
import { tinyDataset } from '../../../support/tiny-dataset.ts';
import { called } from '../called.ts';
import '../../../support/shared-sessions.ts';

t.setTimeout(600_000);

const folder = t.testdir({});
const data = await tinyDataset(join(folder, 'data'), { train: 9, val: 3 });
const at = (name: string) => join(folder, name);
await writeFile(at('settings.json'), JSON.stringify(TINY_CDCML));
const ENGINE = ['--engine', 'cpu', '--threads', '1'];
const gallery = at('gallery');
for (let i = 0; i < 12; i++) await cp(join(folder, 'data', `images${i}.png`), join(gallery, `${i}.png`));
await writeFile(
  join(gallery, 'moods.csv'),
  'file,valence,arousal\n0.png,0.1,\n1.png,0.9,0.2\nnone.png,0,0\n',
);

async function ok(command: readonly string[]) {
  const { code, stdout, stderr } = await called([...command, ...ENGINE]);
  t.equal(code, 0, stderr);
  return { stdout: stdout.toString(), stderr };
}

interface Read {
  readonly file: string;
  readonly valence: number;
  readonly arousal: number;
}

const trained = ['train', '--images', data.images, '--music', data.music, '--settings', at('settings.json')];
await ok([...trained, '--out', at('model'), '--cache', at('cache')]);
await ok(['index', gallery, '--allow-blank', '--model', at('model')]);

t.test('a taste is learnt, told, and read by the new model; the old one stays', async (t) => {
  const before = await readFile(join(at('model'), 'weights.safetensors'));
  const { stdout, stderr } = await ok([
    'train',
    '--refine',
    gallery,
    '--model',
    at('model'),
    '--out',
    at('mine'),
  ]);
  t.match(stderr, /moods\.csv, line 4: there is no picture none\.png/);
  t.match(
    stdout,
    /^2 moods by hand in .*: the model is off by 0\.\d{3} on average, with the taste by 0\.\d{3}/,
  );
  t.match(stdout, /\nother pictures there: \d+ of 10 move by more than 0\.05/);
  t.match(
    stdout,
    /\npictures of other kinds that the model learnt from \(\d+\): predicted from all others they would move by 0\.\d{3} on average \(bound 0\.02/,
  );
  t.ok((await readFile(join(at('model'), 'weights.safetensors'))).equals(before));
  t.match(JSON.parse(await readFile(join(at('mine'), 'model.json'), 'utf8')), {
    data: [{ name: 'images' }, { name: 'music' }, { name: 'gallery', terms: 'moods by hand', files: 2 }],
    metrics: { taste: { corrections: { count: 2 }, reference: { moved: Number } } },
  });

  const read = async (model: string) => {
    const files = [0, 1].map((i) => join(gallery, `${i}.png`));
    const { stdout: lines } = await ok(['predict', ...files, '--json', '--model', at(model)]);
    return lines.trim().split('\n').map((line) => JSON.parse(line) as Read); // prettier-ignore
  };
  const [old, own] = [await read('model'), await read('mine')];
  const off = ([first, second]: readonly Read[]) => Math.abs(first!.valence - 0.1) + Math.abs(second!.valence - 0.9); // prettier-ignore
  t.ok(off(own) < off(old), `${off(own)} before ${off(old)}`);

  const { stdout: indexed } = await ok(['index', gallery, '--allow-blank', '--model', at('mine')]);
  t.match(indexed, /: 12 pictures \(12 from the index of the model before, 0 read, 0 gone\)\n/);
  const { stdout: unchanged } = await ok([
    'index',
    gallery,
    '--allow-blank',
    '--model',
    at('mine'),
    '--json',
  ]);
  t.match(JSON.parse(unchanged), { pictures: 12, read: 0 }, 'no picture is read again for a taste');

  const refined = JSON.parse(
    (await ok(['train', '--refine', gallery, '--model', at('mine'), '--out', at('again'), '--json'])).stdout,
  ) as { base: string; gallery: { moved: number; mean: number } };
  t.equal(refined.base.length, 64);
  t.equal(refined.gallery.moved, 0);
  t.ok(refined.gallery.mean < 1e-3, `nothing moves where nothing is new: ${refined.gallery.mean}`);
  const weights = (model: string) => readFile(join(at(model), 'weights.safetensors'));
  t.ok((await weights('again')).equals(await weights('mine')), 'refined again it is the same');
});

t.test('what cannot be learnt from, and options that say nothing, are reported', async (t) => {
  const refine = ['train', '--refine', gallery, '--model', at('model')];
  const cases: [string[], number, RegExp][] = [
    [
      [...refine, '--out', at('mine')],
      2,
      /holds a model already: name another folder, or --overwrite replaces it/,
    ],
    [[...refine, '--out', at('model'), '--overwrite'], 2, /--out .* is the model that is refined/],
    [[...refine, '--out', at('x'), '--epochs', '3'], 2, /--epochs says nothing to --refine/],
    [[...refine, '--out', at('x'), '--images', data.images], 2, /--images says nothing to --refine/],
    [[...trained, '--out', at('x'), '--bound', '0.1'], 2, /--bound is for --refine: leave it out/],
    [['train', '--refine', at('data'), '--out', at('x')], 1, /has no index yet: run "synesthete index/],
  ];
  for (const [command, code, says] of cases) {
    const outcome = await called([...command, ...ENGINE]);
    t.match(outcome.stderr, says);
    t.equal(outcome.code, code, outcome.stderr);
  }
  await rm(join(gallery, 'moods.csv'));
  const none = await called([...refine, '--out', at('x'), ...ENGINE]);
  t.match(none.stderr, /has no moods by hand: drag pictures on the console's plane, or write moods\.csv/);
  t.equal(none.code, 2);
  await t.rejects(stat(at('x')), 'nothing was written');
});
