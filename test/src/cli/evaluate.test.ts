import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { evaluate, labelledFiles, learntKinds } from '../../../src/cli/evaluate/evaluate.ts';
import { evaluationTable } from '../../../src/cli/evaluate/table.ts';
import { failure } from '../../models/rejection.ts';
import type { Reading } from '../../../models/serving/index.ts';
import { formulaModel } from '../../support/formula-model.ts';
import { FeatureThreads } from '../../../streams/readings/index.ts';
import { writeMusic, writePicture } from '../../support/media.ts';
import { synesthete } from './run.ts';

/** Pictures, songs and their manifests. */
async function dataset(t: Test): Promise<(name: string) => string> {
  const folder = t.testdir({
    'I.csv': 'file,valence,arousal,split\nred.png,1,0.2,test\nblue.png,0.1,0.9,test\ngrey.png,0.5,0.5,val\n',
    'M.csv':
      'file,valence,arousal,split,start,end\na.wav,0.7,0.6,test,,\nb.wav,0.2,0.1,test,0,2\nb.wav,0.3,0.2,test,1,5\nb.wav,0.4,0.2,train,0,5\n',
    'E.csv': 'file,emotion,split\nred.png,excitement,test\nblue.png,anger,test\ngrey.png,sadness,test\n',
    'Q.csv': 'file,quadrant,split\na.wav,Q1,test\nb.wav,Q3,test\n',
  });
  const path = (name: string) => join(folder, name);
  await writePicture(path('red.png'), { r: 255, g: 0, b: 51 });
  await writePicture(path('blue.png'), { r: 0, g: 51, b: 255 });
  await writePicture(path('grey.png'), { r: 51, g: 51, b: 51 });
  await writeMusic(path('a.wav'), 4.5, 1);
  await writeMusic(path('b.wav'), 6, 2);
  return path;
}

/** Starting threads takes longer than all else here. */
const featureThreads = new FeatureThreads();
t.teardown(() => featureThreads.close());
const fresh = { cache: false, featureThreads } as const;

t.test('pairs are all pictures × all clips of the split, clips being those of each stretch', async (t) => {
  const path = await dataset(t);
  const files = await labelledFiles({ images: path('I.csv'), music: path('M.csv'), split: 'test' });
  const report = await evaluate(files, formulaModel(), fresh);
  t.same(report.n, { images: 2, clips: 5, pairs: 10 });
  t.same(Object.keys(report), ['n', 'sigma', 'similarity', 'image', 'music', 'retrieval', 'skipped']);
  t.ok(Math.abs(report.image!.valence.mse - 0.005) < 1e-6, 'red is right, blue is 0.1 off');
  t.ok(Math.abs(report.image!.arousal.mse - 0.005) < 1e-6);
  t.match(report.similarity, { mse: Number, mae: Number, constantMse: Number, constantMae: Number });
  t.match(report.retrieval, { top1Distance: Number, oracleDistance: Number, gapClosed: Number });
  const all = await labelledFiles({ images: path('I.csv'), split: 'all' });
  t.same((await evaluate(all, formulaModel(), fresh)).n, { images: 3, clips: 0, pairs: 0 });
  const table = evaluationTable(report);
  t.match(table, /^2 pictures, 5 clips, 10 pairs, σ 0\.3800\n/);
  t.match(table, /^picture valence +0\.0050 +0\.2050 +0\.050 +0\.975 +1\.000$/m);
  t.match(table, /^similarity +0\.\d{4} +0\.\d{4} +0\.\d{3} +0\.\d{3}$/m);
  t.match(table, /of the gap closed\n$/);
});

for (const width of [32, 1024]) {
  t.test(`what the cache gives again of embeddings of ${width} numbers is what was read`, async (t) => {
    const path = await dataset(t);
    process.env['XDG_CACHE_HOME'] = path('cache');
    const files = await labelledFiles({ images: path('I.csv'), music: path('M.csv'), split: 'test' });
    const model = {
      ...formulaModel({ embedding: width }),
      similarities: (pictures: readonly Reading[], clips: readonly Reading[]) =>
        Promise.resolve(
          Float32Array.from(
            pictures.flatMap((p) =>
              clips.map((c) => 1 - Math.abs(p.embedding[width - 1]! - c.embedding[width - 1]!)),
            ),
          ),
        ),
    };
    const first = await evaluate(files, model, { cache: true, featureThreads });
    t.ok(Number.isFinite(first.similarity!.mse));
    const second = await evaluate(files, model, { cache: true, featureThreads });
    t.same(second.similarity, first.similarity);
  });
}

t.test('whether a split was learnt from is told by its name and the kind of set', async (t) => {
  const path = await dataset(t);
  const set = { name: 'x', terms: 'x', files: 9, labels: 'ratings' } as const;
  const data = [
    { ...set, kind: 'image' as const, splits: ['train' as const, 'val' as const] },
    { ...set, kind: 'music' as const, splits: ['train' as const] },
    { ...set, kind: 'music' as const },
  ];
  const both = await labelledFiles({ images: path('I.csv'), music: path('M.csv'), split: 'test' });
  const music = await labelledFiles({ musicCategories: path('Q.csv'), split: 'test' });
  t.same(learntKinds({ data }, both, 'test'), []);
  t.same(learntKinds({ data }, both, 'val'), ['image']);
  t.same(learntKinds({ data }, both, 'train'), ['image', 'music']);
  t.same(learntKinds({ data }, both, 'all'), ['image', 'music']);
  t.same(learntKinds({ data }, music, 'train'), ['music']);
  t.same(learntKinds({ data }, music, 'val'), []);
  t.same(learntKinds({ data: [data[2]!] }, both, 'all'), [], 'a model of before tells nothing');
});

t.test('categories: how well they are told apart', async (t) => {
  const path = await dataset(t);
  const files = await labelledFiles({
    imageCategories: path('E.csv'),
    musicCategories: path('Q.csv'),
    split: 'test',
  });
  const report = await evaluate(files, formulaModel(), fresh);
  t.same(report.categories!.image, { n: 3, valenceAuc: 1, arousalAuc: 0.75 });
  t.match(report.categories!.music, { n: 5, valenceAuc: Number, arousalAuc: Number });
  t.match(report, { n: { images: 0, clips: 0 }, similarity: null, image: null, music: null });
  t.match(evaluationTable(report), '3 pictures with categories: AUC of valence 1.000');
});

t.test('--skip-bad leaves out what can not be read, and counts it', async (t) => {
  const path = await dataset(t);
  await writeFile(path('torn.png'), 'x');
  await appendFile(path('I.csv'), 'torn.png,0.5,0.5,test\n');
  const files = await labelledFiles({ images: path('I.csv'), split: 'test' });
  t.match(
    await failure('BAD_PICTURE', () => evaluate(files, formulaModel(), fresh)),
    /torn\.png is no picture/,
  );
  const report = await evaluate(files, formulaModel(), { ...fresh, skipBad: true });
  t.match(report, { n: { images: 2 }, skipped: 1 });
});

t.test('one bad stretch spoils its whole file, and nothing of it counts', async (t) => {
  const path = await dataset(t);
  await appendFile(path('M.csv'), 'b.wav,0.5,0.5,test,5,7.5\n');
  const files = await labelledFiles({ music: path('M.csv'), split: 'test' });
  t.match(
    await failure('OUT_OF_RANGE', () => evaluate(files, formulaModel(), fresh)),
    /b\.wav has 1\.00 s from 5 s on/,
  );
  t.match(await evaluate(files, formulaModel(), { ...fresh, skipBad: true }), {
    n: { clips: 2 },
    skipped: 1,
  });
});

t.test('manifests that can not be used are told before anything is read', async (t) => {
  const path = await dataset(t);
  await writeFile(path('gone.csv'), 'file,valence,arousal,split\nnone.png,0.5,0.5,test\n');
  await writeFile(path('off.csv'), 'file,valence,arousal,split\nred.png,5,0.5,test\n');
  await writeFile(path('emotions.csv'), 'file,emotion,split\nred.png,joy,test\n');
  const read = (options: Partial<Parameters<typeof labelledFiles>[0]>) => () =>
    labelledFiles({ split: 'test', ...options });
  t.match(await failure('USAGE', read({})), /nothing to evaluate on: give --images and --music/);
  t.match(
    await failure('FILE_NOT_FOUND', read({ images: path('gone.csv') })),
    /gone\.csv, line 2: .*none\.png does not exist/,
  );
  t.match(
    await failure('BAD_TABLE', read({ images: path('off.csv') })),
    /off\.csv, line 2: valence 5 is outside the scale 0\.\.1/,
  );
  t.match((await read({ images: path('off.csv'), scale: '0..9' })()).images!.rows[0]!.rating, {
    valence: 5 / 9,
  });
  t.match(
    await failure('BAD_TABLE', read({ images: path('I.csv'), split: 'train' })),
    /no rows of the split train; it has val/,
  );
  t.match(await failure('USAGE', read({ images: path('I.csv'), scale: '9..1' })), /"9\.\.1" is no scale/);
  t.match(await failure('BAD_TABLE', read({ imageCategories: path('emotions.csv') })), /"joy" is no emotion/);
  t.match(
    await failure('BAD_TABLE', read({ imageCategories: path('I.csv') })),
    /lacks the column emotion or quadrant/,
  );
});

t.test('the command tells it in one line', async (t) => {
  const path = await dataset(t);
  const cases: [args: string[], code: number, says: RegExp][] = [
    [[], 2, /nothing to evaluate on/],
    [['--images', path('I.csv'), '--split', 'exam'], 2, /Allowed choices are train, val, test, all/],
    [['--images', path('I.csv'), '--engine', 'cpu', '--model', path('none')], 1, /none does not exist; name/],
  ];
  for (const [args, code, says] of cases) {
    const outcome = await synesthete(['evaluate', ...args]);
    t.equal(outcome.code, code, args.join(' '));
    t.match(outcome.stderr, /^synesthete: [^\n]+\n$/);
    t.match(outcome.stderr, says);
    t.equal(outcome.stdout.length, 0);
  }
});
