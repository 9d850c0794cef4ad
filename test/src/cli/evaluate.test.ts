import { spawnSync } from 'node:child_process';
import { appendFile, cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t, { type Test } from 'tap';
import type { Prediction } from '../../../models/model/index.ts';
import { labelledFiles } from '../../../src/cli/evaluate/labelled-files.ts';
import { listedPairs, measure } from '../../../src/cli/evaluate/measure.ts';
import { inSampleLines, provenanceLines, provenanceOf } from '../../../src/cli/evaluate/provenance.ts';
import { evaluationTable } from '../../../src/cli/evaluate/table.ts';
import { FeatureProcesses } from '../../../streams/file-inference/index.ts';
import { chord } from '../../../streams/sources/index.ts';
import { failure } from '../../models/rejection.ts';
import { wav16 } from '../../streams/sources/support/signals.ts';
import { grid } from '../../support/formula-gallery.ts';
import { formulaModel } from '../../support/formula-model.ts';
import { writeMusic, writePicture } from '../../support/media.ts';
import { formulaRecipe } from '../../support/recipes.ts';
import '../../support/shared-sessions.ts';
import { called } from './called.ts';
import { refused } from './refused.ts';
import { MAIN } from './run.ts';

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

const evaluate = async (...of: Parameters<typeof measure>) => (await measure(...of)).report;

/** Starting threads takes longer than all else here. */
const featureThreads = new FeatureProcesses();
t.teardown(() => featureThreads.close());
const fresh = { cache: false, featureThreads } as const;

t.test('pairs are all pictures × all clips of the split, clips being those of each stretch', async (t) => {
  const path = await dataset(t);
  const files = await labelledFiles({ images: path('I.csv'), music: path('M.csv'), split: 'test' });
  const report = await evaluate(files, formulaModel(), fresh);
  t.same(report.n, { images: 2, clips: 5, pairs: 10, withBoth: { images: 2, clips: 5 } });
  t.same(Object.keys(report), [
    'n',
    'sigma',
    'similarity',
    'image',
    'music',
    'retrieval',
    'firstCounts',
    'galleries',
    'skipped',
  ]);
  t.ok(Math.abs(report.image!.valence!.mse - 0.005) < 1e-6, 'red is right, blue is 0.1 off');
  t.ok(Math.abs(report.image!.arousal!.mse - 0.005) < 1e-6);
  t.match(report.similarity, { mse: Number, mae: Number, constantMse: Number, constantMae: Number });
  t.match(report.retrieval, { top1Distance: Number, oracleDistance: Number, gapClosed: Number });
  const all = await labelledFiles({ images: path('I.csv'), split: 'all' });
  t.match((await evaluate(all, formulaModel(), fresh)).n, { images: 3, clips: 0, pairs: 0 });
  const table = evaluationTable(report);
  t.match(table, /^2 pictures, 5 clips, 10 pairs, σ 0\.3800\nσ is the mean distance /);
  t.match(table, /^picture valence +0\.0050 +0\.2050 +0\.050 +0\.975 +1\.000 +2$/m);
  t.match(table, /^similarity +0\.\d{4} +0\.\d{4} +0\.\d{3} +0\.\d{3} +10$/m);
  t.match(table, /of the gap closed\n/);
  const narrow = evaluationTable(report, 80).split('\n');
  t.same(
    narrow.filter((line) => line.length > 80),
    [],
    'lines fit a terminal of 80 columns',
  );
  t.equal(narrow.join(' ').replaceAll(/\s+/g, ' '), table.replaceAll(/\s+/g, ' '), 'and say the same');
  t.match(
    table,
    /^\d of 2 pictures are first for some clip, the most frequent one for \d+ % of them: \w+\.png \d/m,
  );
});

t.test('rows with one rating: each axis is judged by those that have it, pairs by both', async (t) => {
  const path = await dataset(t);
  await writeFile(
    path('partly.csv'),
    'file,valence,arousal,split\nred.png,1,0.2,test\nblue.png,,0.9,test\ngrey.png,0.5,,test\n',
  );
  await writeFile(path('songs.csv'), 'file,valence,arousal,split\na.wav,0.7,,test\nb.wav,0.2,0.1,test\n');
  const files = await labelledFiles({ images: path('partly.csv'), music: path('songs.csv'), split: 'test' });
  const { report, ...of } = await measure(files, formulaModel(), fresh);
  t.same(report.n, { images: 3, clips: 5, pairs: 3, withBoth: { images: 1, clips: 3 } });
  t.match(report.image, { valence: { n: 2 }, arousal: { n: 2 } });
  t.match(report.music, { valence: { n: 5 }, arousal: { n: 3 } });
  t.ok(Math.abs(report.image!.valence!.mse - 0.3 ** 2 / 2) < 1e-6, 'red is right, grey is 0.3 off');
  t.ok(Math.abs(report.image!.arousal!.mse - 0.1 ** 2 / 2) < 1e-6, 'red is right, blue is 0.1 off');
  t.equal(report.firstCounts!.largestShare, 1, 'one picture alone can be ranked');
  t.equal(of.images.length, 1, 'a report draws what has a place in the plane');
  t.equal(of.firsts.length, of.clips.length);
  const table = evaluationTable(report);
  t.match(table, /^3 pictures \(1 with both ratings\), 5 clips \(3 with both ratings\), 3 pairs, σ/);
  t.match(table, /^music arousal .* 3$/m);
  await writeFile(path('calm.csv'), 'file,valence,arousal,split\nred.png,,0.2,test\nblue.png,,0.9,test\n');
  const calm = await labelledFiles({ images: path('calm.csv'), music: path('M.csv'), split: 'test' });
  const one = await evaluate(calm, formulaModel(), fresh);
  t.match(one, {
    image: { valence: null, arousal: { n: 2 } },
    similarity: null,
    retrieval: null,
    galleries: null,
  });
  t.notMatch(evaluationTable(one), /picture valence/);
  t.match(
    await failure('USAGE', () =>
      evaluate(calm, formulaModel(), { ...fresh, show: { recipe: formulaRecipe() } }),
    ),
    /--show compares places in the plane: .*calm\.csv has no row .* both valence and arousal/,
  );
});

for (const width of [32, 1024]) {
  t.test(`what the cache gives again of embeddings of ${width} numbers is what was read`, async (t) => {
    const path = await dataset(t);
    process.env['XDG_CACHE_HOME'] = path('cache');
    const files = await labelledFiles({ images: path('I.csv'), music: path('M.csv'), split: 'test' });
    const model = {
      ...formulaModel({ embedding: width }),
      similarities: (pictures: readonly Prediction[], clips: readonly Prediction[]) =>
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

t.test('whether a split was learnt from follows from its name and the kind of set', async (t) => {
  const path = await dataset(t);
  const set = { name: 'x', terms: 'x', files: 9, labels: 'ratings' } as const;
  const data = [
    { ...set, kind: 'image' as const, splits: ['train' as const, 'val' as const] },
    { ...set, kind: 'music' as const, splits: ['train' as const] },
    { ...set, kind: 'music' as const },
  ];
  const both = await labelledFiles({ images: path('I.csv'), music: path('M.csv'), split: 'test' });
  const music = await labelledFiles({ musicCategories: path('Q.csv'), split: 'test' });
  const learnt = (...of: Parameters<typeof inSampleLines>) =>
    inSampleLines(...of).map((line) => /trained on (.*?) of /.exec(line)![1]);
  t.same(learnt({ data }, both, 'test'), []);
  t.same(learnt({ data }, both, 'val'), ['pictures']);
  t.same(learnt({ data }, both, 'train'), ['pictures and music']);
  t.same(learnt({ data }, both, 'all'), ['pictures and music']);
  t.same(learnt({ data }, music, 'train'), ['music']);
  t.same(learnt({ data }, music, 'val'), []);
  t.same(learnt({ data: [data[2]!] }, both, 'all'), [], 'a model of before tells nothing');
  const byHand = { ...set, name: 'gallery', terms: 'moods by hand', kind: 'image' as const, splits: [] };
  const refined = { data: [...data, byHand], folds: undefined };
  t.match(inSampleLines(refined, both, 'test'), [
    /moods by hand of 9 pictures \(gallery\): where they are among/,
  ]);
  t.equal(inSampleLines(refined, both, 'val').length, 2);
  t.same(inSampleLines(refined, music, 'test'), [], 'a taste is of pictures alone');
  const told = provenanceOf(refined, { split: 'test' });
  t.same(told.byHand, [{ name: 'gallery', files: 9 }]);
  t.match(
    provenanceLines(told),
    /\nand from 9 moods by hand \(gallery\); its own figures .* of the model before that\n$/,
  );
});

t.test('figures come with what they are of', async (t) => {
  const set = { name: 'x', terms: 'x', files: 9, labels: 'ratings' } as const;
  const data = [
    { ...set, kind: 'image' as const, splits: ['train' as const] },
    { ...set, kind: 'image' as const, splits: ['train' as const, 'val' as const] },
    { ...set, kind: 'music' as const },
  ];
  const plain = provenanceOf({ data, folds: undefined }, { split: 'test' });
  t.same(plain, { split: 'test', learnt: { image: ['train', 'val'], music: [] } });
  t.equal(
    provenanceLines(plain),
    'split test; the model has learnt from pictures of train, val and music of unknown splits\n',
  );
  const silent = provenanceOf({ data, folds: undefined }, { split: 'test', folds: true });
  t.equal(silent.folds, null);
  t.match(provenanceLines(silent), /\nthe model does not say how its folds were made\n$/);
  const folds = { pictures: 'five by theme', music: 'five by song', nested: 'three in each' };
  const told = provenanceOf({ data, folds }, { split: 'val', folds: true });
  t.same(told.folds, folds);
  t.match(
    provenanceLines(told),
    /\nfolds of pictures: five by theme\nof music: five by song\nchoices: three in each\n$/,
  );
});

/** Four songs of clear mood (to the formula model C is glad and G excited), and pictures all over the plane. */
async function night(t: Test): Promise<(name: string) => string> {
  const folder = t.testdir();
  const path = (name: string) => join(folder, name);
  const rate = 22_050;
  const pictures = ['file,valence,arousal,split'];
  for (const [i, [valence, arousal]] of grid(4).entries()) {
    const colour = { r: Math.round(255 * valence), g: 0, b: Math.round(255 * arousal) };
    await writePicture(path(`p${i}.png`), colour);
    pictures.push(`p${i}.png,${valence},${arousal},test`);
  }
  const songs = ['file,valence,arousal,split'];
  for (const [i, hz] of [[261.63, 392], [329.63], [261.63], [392]].entries()) {
    const sound = chord(hz, 0.5);
    const samples = Math.round(9.3 * rate);
    await writeFile(
      path(`s${i}.wav`),
      wav16(rate, 1, samples, (n) => Math.round(20_000 * sound(n))),
    );
    songs.push(`s${i}.wav,${hz.includes(261.63) ? 1 : 0},${hz.includes(392) ? 1 : 0},test`);
  }
  await writeFile(path('I.csv'), `${pictures.join('\n')}\n`);
  await writeFile(path('M.csv'), `${songs.join('\n')}\n`);
  await writeFile(path('broken.wav'), 'x');
  return path;
}

t.test('--show: the music in random order through the program of replay', async (t) => {
  const path = await night(t);
  await appendFile(path('M.csv'), 'broken.wav,0.5,0.5,test\n');
  const files = await labelledFiles({ images: path('I.csv'), music: path('M.csv'), split: 'test' });
  const play = (more: object = {}) =>
    evaluate(files, formulaModel(), { ...fresh, skipBad: true, show: { recipe: formulaRecipe(), ...more } });
  const report = await play();
  const show = report.show!;
  // The pictures change within seconds of the songs: much of the gap is closed, not all of it.
  t.ok(show.gapClosed > 0.3 && show.gapClosed < 1, `${show.gapClosed}`);
  t.ok(show.rValence > 0.3, `${show.rValence}`);
  t.ok(show.rArousal > 0.3, `${show.rArousal}`);
  t.ok(show.changes >= 4 && show.pictures <= 16 && show.pictures > 2, `${show.changes} ${show.pictures}`);
  // Some picture comes with the first sound; the last 23 ms of a song may be in no level.
  t.ok(show.seconds > 4 * 9.3 - 0.2 && show.seconds <= 4 * 9.3, `${show.seconds}`);
  t.match(
    evaluationTable(report),
    /^a night of 0\.\d min: 0\.\d{3} of the gap closed .* \d+ pictures, \d+ changes\nplayed with dwell 1\.5-24 s, smoothing 0 s, sensitivity 0\.95, fit [\d.]+, none of the last \d+ pictures again$/m,
  );
  const slowly = { songs: 2, songSeconds: 4, settings: { minimumDwellSeconds: 60, maximumDwellSeconds: 90 } };
  const slow = await play(slowly);
  t.ok(slow.show!.seconds > 7.8 && slow.show!.seconds <= 8, `${slow.show!.seconds}`);
  t.same((await play(slowly)).show, slow.show, 'played again, the same');
  t.match(show.settings, { minimumDwellSeconds: 1.5, maximumDwellSeconds: 24 });
  t.match(slow.show!.settings, { minimumDwellSeconds: 60, maximumDwellSeconds: 90 });
  t.ok(slow.show!.changes <= 1, `${slow.show!.changes} changes where a picture stays for a minute`);
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

t.test('manifests that can not be used are reported before anything is read', async (t) => {
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
  t.match(
    await failure('BAD_TABLE', read({ imageCategories: path('emotions.csv') })),
    /"joy" is not a known emotion/,
  );
  t.match(
    await failure('BAD_TABLE', read({ imageCategories: path('I.csv') })),
    /lacks the column emotion or quadrant/,
  );
});

t.test('--pairs: the similarities of the pairs of a file, clips counted within their row', async (t) => {
  const path = await dataset(t);
  const files = await labelledFiles({ images: path('I.csv'), music: path('M.csv'), split: 'test' });
  await writeFile(path('pairs.txt'), 'a-0 red 0.9\na-1 blue 0.1\nb-1 red 0.3\nb-7 red 0.5\n');
  const pairs = await listedPairs(path('pairs.txt'), 'test');
  const report = await evaluate(files, formulaModel(), { ...fresh, pairs });
  t.equal(report.pairs!.n, 3, 'b-7 is not there');
  t.ok(Math.abs(report.pairs!.constantMse - (0.25 + 0.09 + 0.01) / 3) < 1e-9);
  t.ok(Math.abs(report.pairs!.constantMae - (0.5 + 0.3 + 0.1) / 3) < 1e-9);
  t.match(evaluationTable(report), /^2 pictures, 5 clips, 10 pairs \(3 listed\), σ/);
  t.match(evaluationTable(report), /^of listed pairs +0\.\d{4} +0\.1167 +0\.\d{3} +0\.300 +3$/m);
  await writeFile(path('others.txt'), 'x-0 red 0.9\n');
  const others = await listedPairs(path('others.txt'), 'test');
  t.match(
    await failure('BAD_TABLE', () => evaluate(files, formulaModel(), { ...fresh, pairs: others })),
    /others\.txt has 1 of 1 pairs, such as clip x-0, which are missing from the split test of the manifests/,
  );
});

t.test('--show with settings of the program, from the command line', async (t) => {
  const path = await dataset(t);
  const files = ['--images', path('I.csv'), '--music', path('M.csv')];
  const { code, stdout, stderr } = await called(
    ['evaluate', ...files, '--show', '--dwell', '60-90', '--fit', '0.5', '--engine', 'cpu', '--json', '--no-cache'],
  ); // prettier-ignore
  t.equal(code, 0, stderr);
  const { show } = JSON.parse(stdout.toString()) as { show: Record<string, unknown> };
  t.match(show, { settings: { minimumDwellSeconds: 60, maximumDwellSeconds: 90, fit: 0.5 } });
  t.ok((show['changes'] as number) <= 1, 'a picture stays for a minute');
});

t.test('a report that could not be finished is refused before anything is read', async (t) => {
  const path = await dataset(t);
  // The package as it is installed, without the script of the page.
  await mkdir(path('package'));
  const root = dirname(dirname(dirname(dirname(MAIN))));
  await cp(join(root, 'dist'), path('package/dist'), { recursive: true });
  for (const name of ['package.json', 'node_modules', 'models'])
    await symlink(join(root, name), path(`package/${name}`));
  await rm(path('package/dist/report/report.js'));
  const main = path('package/dist/src/cli/main.js');
  const args = ['--images', path('I.csv'), '--report', path('r'), '--model', path('none')];
  const { stderr, status } = spawnSync(process.execPath, [main, 'evaluate', ...args], { encoding: 'utf8' });
  t.match(stderr, /^synesthete: .*report\.js, a part of the report's page, is missing: install synesthete/);
  t.equal(status, 1);
});

t.test('the command tells it in one line', async (t) => {
  const path = await dataset(t);
  const cases: [args: string[], code: number, says: RegExp][] = [
    [[], 2, /nothing to evaluate on/],
    [['--images', path('I.csv'), '--show'], 2, /--show plays music .*: give --images and --music/],
    [['--images', path('I.csv'), '--pairs', path('p.txt')], 2, /--pairs needs pictures and clips: give/],
    [['--music-categories', path('Q.csv'), '--report', path('r')], 2, /--report shows predictions against/],
    [['--images', path('I.csv'), '--report', path('I.csv')], 2, /I\.csv is a file; name a folder/],
    [['--images', path('I.csv'), '--report', path('none/r')], 1, /r can't be written: its folder does not/],
    [['--images', path('I.csv'), '--songs', '3'], 2, /--songs has no meaning without --show: give both/],
    [
      ['--images', path('I.csv'), '--keep-out', '3'],
      2,
      /--keep-out has no meaning without --show: give both/,
    ],
    [['--images', path('I.csv'), '--show', '--song-seconds', '1'], 2, /at least the 2 s of a clip/],
    [['--images', path('I.csv'), '--split', 'exam'], 2, /Allowed choices are train, val, test, all/],
    [['--images', path('I.csv'), '--engine', 'cpu', '--model', path('none')], 1, /none does not exist; name/],
  ];
  t.equal((await called(['evaluate'])).stdout.length, 0);
  for (const [args, code, says] of cases) {
    const outcome = await refused(['evaluate', ...args]);
    t.equal(outcome.code, code, args.join(' '));
    t.match(outcome.stderr, /^synesthete: [^\n]+\n$/);
    t.match(outcome.stderr, says);
  }
});
