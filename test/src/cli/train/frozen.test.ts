import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { TINY_CDCML } from '../../../models/training/on-encoders/formula-files.ts';
import { tinyDataset } from '../../../support/tiny-dataset.ts';
import { called } from '../called.ts';
import { refused } from '../refused.ts';
import '../../../support/shared-sessions.ts';

t.setTimeout(600_000);

const folder = t.testdir({});
const data = await tinyDataset(join(folder, 'data'), { train: 7, val: 3 });
const settings = join(folder, 'settings.json');
await writeFile(settings, JSON.stringify(TINY_CDCML));
const ENGINE = ['--engine', 'cpu', '--threads', '1'];

function args(out: string, ...more: string[]): string[] {
  return [
    ...['train', '--images', data.images, '--music', data.music, '--settings', settings],
    ...['--out', join(folder, out), '--cache', join(folder, 'cache'), ...ENGINE, ...more],
  ];
}

t.test('train makes a model that predict and evaluate take, and makes it again to the byte', async (t) => {
  const first = await called(args('model', '--json', '--data-terms', 'images=made by formula'));
  t.equal(first.code, 0, first.stderr);
  const printed = JSON.parse(first.stdout.toString()) as Record<string, unknown>;
  t.match(printed, { out: join(folder, 'model'), architecture: 'cdcml-on-encoders', skipped: [] });
  const model = join(folder, 'model');
  t.match(JSON.parse(await readFile(join(model, 'model.json'), 'utf8')), {
    data: [
      { name: 'images', terms: 'made by formula', files: 10, splits: ['train', 'val'] },
      { name: 'music', terms: 'not stated', files: 10 },
    ],
  });

  const files = [join(folder, 'data', 'images0.png'), join(folder, 'data', 'music0.wav')];
  const predicted = await called(['predict', ...files, '--model', model, '--json', ...ENGINE]);
  t.equal(predicted.code, 0, predicted.stderr);
  t.match(predicted.stdout.toString(), /"valenceSd":0\.\d+/);

  const evaluated = await called(
    ['evaluate', '--model', model, '--images', data.images, '--music', data.music].concat(
      ['--split', 'val', '--json', ...ENGINE], // prettier-ignore
    ),
  );
  t.equal(evaluated.code, 0, evaluated.stderr);
  t.match(JSON.parse(evaluated.stdout.toString()), { n: { images: 3, clips: 6, pairs: 18 } });

  const kept = await called(args('model'));
  t.equal(kept.code, 2);
  t.match(kept.stderr, /holds a model already: name another folder, or --overwrite replaces it/);
  const weights = () => readFile(join(model, 'weights.safetensors'));
  const before = await weights();
  const again = await called(args('model', '--overwrite'));
  t.equal(again.code, 0, again.stderr);
  t.match(
    again.stdout.toString(),
    /^predicted by networks that were trained without them:\npictures: R² of valence /mu,
  );
  t.ok((await weights()).equals(before));
});

t.test('--try chooses by nested folds, writes what it found and prints it', async (t) => {
  const tries = join(folder, 'tries.json');
  await writeFile(tries, JSON.stringify({ mild: {}, stiff: { picture: { ridge: 1000 } } }));
  const { code, stdout, stderr } = await called(args('choice', '--try', tries));
  t.equal(code, 0, stderr);
  const text = stdout.toString();
  t.match(text, /^picture, out of fold:\nmild: pictures: R² of valence -?\d/mu);
  t.match(
    text,
    /^chosen by the other folds, fold by fold: ((mild|stiff), ){4}(mild|stiff)\nwhat that choice comes to: /mu,
  );
  const found = JSON.parse(await readFile(join(folder, 'choice', 'choice.json'), 'utf8')) as object;
  t.match(found, { picture: { names: ['mild', 'stiff'], chosen: { length: 5 } } });
  t.notOk('music' in found, 'where nothing differs nothing is chosen');
  t.notOk(existsSync(join(folder, 'choice', 'model.json')), 'nothing is trained');

  const again = await called(args('choice', '--try', tries));
  t.equal(again.code, 2);
  t.match(again.stderr, /holds a choice already: name another folder, or --overwrite replaces it/);
  const deep = join(folder, 'deep.json');
  await writeFile(deep, JSON.stringify({ mild: {}, heavy: { picture: { categories: { weight: 0.9 } } } }));
  const replaced = await called(args('choice', '--try', deep, '--overwrite', '--json'));
  t.equal(replaced.code, 0, replaced.stderr);
  t.match(JSON.parse(replaced.stdout.toString()), { picture: { names: ['mild', 'heavy'] } });
});

t.test('a further set of pictures may be rated on one axis only', async (t) => {
  const rows = (await readFile(data.images, 'utf8')).trim().split('\n').slice(1, 4);
  const half = join(folder, 'data', 'half.csv');
  const cells = rows.map((row) => row.split(',').slice(0, 2).join(','));
  await writeFile(half, `file,valence,arousal\n${cells.map((row) => `${row},\n`).join('')}`);
  const command = args('half', '--epochs', '1');
  command.splice(command.indexOf('--images') + 2, 0, half);
  const { code, stderr } = await called(command);
  t.equal(code, 0, stderr);
  t.match(JSON.parse(await readFile(join(folder, 'half', 'model.json'), 'utf8')), {
    data: [{ name: 'images' }, { name: 'half', files: 3 }, { name: 'music' }],
  });
});

t.test('what is for networks alone, and settings that are none, are refused with exit code 2', async (t) => {
  const unknown = join(folder, 'unknown.json');
  await writeFile(unknown, '{"learningrate": 1}');
  const alike = join(folder, 'alike.json');
  await writeFile(alike, '{"one": {}, "two": {"epochs": 4}}');
  const noObject = join(folder, 'no-object.json');
  await writeFile(noObject, '{"one": 1}');
  const cases: [string[], RegExp][] = [
    [args('x', '--terms', 'sim'), /--terms is for trainings end to end: add --end-to-end, or leave it out/],
    [args('x', '--max-minutes', '5'), /--max-minutes is for trainings end to end/],
    [args('x', '--no-unit-length'), /--no-unit-length is for trainings end to end/],
    [args('x', '--settings', unknown), /settings of the training, the whole: .*"learningrate"/],
    [
      args('x', '--try', alike),
      /alike\.json must name two settings or more that differ in "picture" or in "music"/,
    ],
    [args('x', '--try', noObject), /no-object\.json: "one" must be an object of settings/],
    [args('x', '--epochs', '0'), /settings of the training, epochs: /],
    [args('x', '--splits', 'train,exam'), /--splits: "exam" is no split; splits are train, val, test/],
    [args('x', '--data-terms', 'oasis=free'), /there is no set oasis; the sets are images, music/],
    [args('x', '--splits', 'test'), /images\.csv: there is no rated row to learn from/],
  ];
  for (const [command, message] of cases) {
    const { code, stderr } = await refused(command);
    t.match(stderr, message);
    if (!stderr.includes('there is no rated row')) t.equal(code, 2, stderr);
  }
  t.notOk(existsSync(join(folder, 'x')), 'nothing was written');
});
