import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import t from 'tap';
import { checkReport, reportPage, writeReport } from '../../../../src/report/evaluation/index.ts';
import { lossesSection } from '../../../../src/report/evaluation/losses.ts';
import { matches } from '../../../../src/report/evaluation/matches.ts';
import { pageData, type PackedColumn } from '../../../../src/report/evaluation/page-data/index.ts';
import { unpacked } from '../../../../web-client/report/points.ts';
import { failure } from '../../../models/rejection.ts';
import { formulaFindings } from '../../../support/formula-findings.ts';
import { formulaModel } from '../../../support/formula-model.ts';
import { writeMusic, writePicture } from '../../../support/media.ts';

const NOTHING = { matches: { best: '', worst: '' }, losses: '' };

t.test('numbers come out of the page as they went in, to 16 bits', async (t) => {
  const findings = formulaFindings({ pictures: 50, songs: 4 });
  const { data, projections } = pageData(findings);
  const near = (column: PackedColumn | undefined, expected: (i: number) => number) => {
    const values = unpacked(column!);
    t.ok(
      values.every(
        (value, i) => Math.abs(value - expected(i)) <= (column!.high - column!.low) / 65535 + 1e-7,
      ),
    );
  };
  const { image, music } = data.groups;
  near(image.columns.valence, (i) => findings.pictures[i]!.label.valence);
  near(image.columns.readArousal, (i) => findings.pictures[i]!.prediction.arousal);
  near(image.columns.valenceSd, () => 0.09);
  near(music.columns.moodY, (i) => projections!.moods.points[1]![2 * i + 1]!);
  t.equal(data.folder, '/formula');
  t.same(music.names.slice(2, 4), ['music/s0.wav', 'music/s1.wav']);
  t.same(music.startSeconds.slice(2, 4), [4, 0]);
  t.same(image.startSeconds, []);
});

t.test('the best and the worst matches, each picture and song once', async (t) => {
  const findings = formulaFindings({ pictures: 200, songs: 30 });
  const { best, worst } = matches(findings);
  t.equal(best.length, 6);
  t.equal(worst.length, 6);
  for (const list of [best, worst]) {
    t.equal(new Set(list.flatMap(({ picture, clip }) => [picture.name, clip.name])).size, 12);
  }
  t.equal(new Set([...best, ...worst].map(({ clip }) => clip)).size, 12);
  const distances = findings.clips.map(({ label }, i) => {
    const picture = findings.pictures[findings.firsts[i]!]!.label;
    return Math.hypot(picture.valence - label.valence, picture.arousal - label.arousal);
  });
  t.equal(best[0]!.distance, Math.min(...distances));
  t.equal(worst[0]!.distance, Math.max(...distances));
  for (const { distance, least } of [...best, ...worst]) t.ok(least <= distance && least < 0.1);
  const few = matches(formulaFindings({ pictures: 5, songs: 3 }));
  t.ok(few.best.length === 2 && few.worst.length === 1, 'of few songs each end has its half');
});

t.test(
  'losses: what the model keeps, else what the training left beside it, else why there are none',
  async (t) => {
    const { description } = formulaModel();
    const of = (losses: unknown, folder = '/nowhere') =>
      lossesSection({ folder, description: { ...description, metrics: { losses: losses as null } } });
    const curves = await of({ sim: [0.4, 0.2, 0.1], va: [1, 0.5, 0.5] });
    t.match(curves, /<svg/);
    t.match(curves, '<tr><th>sim</th><td>0.4</td><td>0.1</td><td>0.250</td></tr>');
    const ends = await of({ first: { sim: 0.4 }, last: { sim: 0.1 } });
    t.notMatch(ends, /<svg/);
    t.match(ends, /first and the last epoch only/);
    t.match(ends, '<td>0.4</td><td>0.1</td><td>0.250</td>');
    t.match(await of(undefined), /keeps no losses, and there is no metrics\.jsonl/);

    const lines = [
      { kind: 'step', stage: 'network', epoch: 1, step: 1, loss: 3, va: 2 },
      { kind: 'step', stage: 'network', epoch: 1, step: 2, loss: 1, va: 2 },
      { kind: 'validation', stage: 'network', epoch: 1, criterion: 1 },
      { kind: 'step', stage: 'network', epoch: 2, step: 3, loss: 1, va: 1 },
      { kind: 'step', stage: 'moods', epoch: 1, step: 1, loss: 7 },
    ];
    const text = `${lines.map((line) => JSON.stringify(line)).join('\n')}\n{"kind":"st`;
    const folder = t.testdir({ 'metrics.jsonl': text });
    const journal = await of(undefined, folder);
    t.match(journal, '<tr><th>loss</th><td>2</td><td>1</td><td>0.500</td></tr>');
    t.match(journal, '<tr><th>va</th><td>2</td><td>1</td><td>0.500</td></tr>');
    t.match(journal, /valence and arousal, afterwards/);
    t.match(await of(undefined, t.testdir({ 'metrics.jsonl': 'x' })), /no step of a training/);
  },
);

t.test('the page says what it can not show, and where it is in-sample', async (t) => {
  const alone = formulaFindings({ pictures: 30, songs: 0 });
  const page = await reportPage(
    {
      ...alone,
      of: { ...alone.of, inSample: ['the model was trained on pictures of a split test, too'] },
    },
    NOTHING,
  );
  t.match(page, 'No rated music was given (--music).');
  t.match(page, 'There are no predictions for music to judge.');
  t.match(page, 'Matches are of music and pictures');
  t.match(page, 'The model was trained on pictures of a split test, too.');
  t.match(page, 'data-panel="principal-valence"');
  t.notMatch(page, 'data-panel="music-valence"');
  const few = await reportPage(formulaFindings({ pictures: 2, songs: 1 }), NOTHING);
  t.match(few, 'There are fewer than 4 files');
  t.notMatch(few, 'was trained on');
  t.match(few, '<tr><th>picture valence</th><td>0.0100</td><td>0.0800</td></tr>');
});

t.test('no name of a file, and nothing that a model says, is read as HTML', async (t) => {
  const findings = formulaFindings({ pictures: 5, songs: 2 }, (i) => `/x/</script><b>${i}.jpg`);
  const { description } = findings.model;
  const data = [{ name: '<i>', terms: '"&', kind: 'image', files: 1, labels: 'ratings' }] as const;
  const page = await reportPage(
    {
      ...findings,
      printed: [
        '<u>',
        [
          ['', '<u>'],
          ['<u>', '<u>'],
        ],
      ],
      model: { ...findings.model, description: { ...description, data: [...data] } },
    },
    NOTHING,
  );
  t.notMatch(page, /<b>\d|<i>|<u>/);
  t.equal(page.match(/<\/script>/g)!.length, 2);
  const text = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)![1]!;
  t.match(
    (JSON.parse(text) as { groups: unknown }).groups,
    { image: { names: ['0.jpg'] } },
    'and it comes whole',
  );
});

t.test('a report is written with thumbnails and matches, and replaces a former one only', async (t) => {
  const folder = t.testdir({ other: { 'index.html': '<!doctype html>mine' } });
  const path = (name: string) => join(folder, name);
  for (let i = 0; i < 105; i++) await writePicture(path(`p${i}.png`), { r: 200, g: i, b: 50 });
  await writeMusic(path('s0.wav'), 6);
  const findings = formulaFindings({ pictures: 106, songs: 2 }, (i) => path(`p${i}.png`), (i) => path(`s${i}.wav`)); // prettier-ignore
  let steps = 0;
  const out = path('out');
  await checkReport(out);
  await writeReport(out, findings, () => {
    steps++;
  });
  t.equal(steps, 106);
  t.same((await readdir(join(out, 'thumbnails'))).sort(), ['0.webp', '1.webp']);
  const { data, info } = await sharp(join(out, 'thumbnails', '1.webp'))
    .raw()
    .toBuffer({ resolveWithObject: true });
  t.same([info.width, info.height], [960, 96]);
  const middle = (tile: number) => Array.from(data.subarray(3 * (48 * 960 + 96 * tile + 48)).subarray(0, 3));
  t.ok(middle(4)[0]! > 150 && middle(4)[2]! < 100, `picture 104 is there: ${middle(4).join(' ')}`);
  t.ok(Math.abs(middle(5)[0]! - middle(5)[2]!) < 20, 'one that is gone is grey');
  const page = await readFile(join(out, 'index.html'), 'utf8');
  t.match(page, 'the sound can’t be read any more', 'the second song is not there');
  t.match(page, /src="matches\/(best|worst)-0\.wav"/);

  await checkReport(out);
  await writeReport(out, findings, () => undefined);
  await writeFile(join(out, 'note.txt'), 'beside the report');
  await failure('USAGE', () => writeReport(out, findings, () => undefined));
  t.ok((await readdir(out)).includes('note.txt'), 'what somebody put beside it is not lost');
  t.match(await failure('USAGE', () => checkReport(path('other'))), /other exists already and is not empty/);
  await writeFile(join(path('other'), 'note.txt'), 'mine too');
  t.match(
    await failure('USAGE', () => writeReport(path('other'), findings, () => undefined)),
    /name a folder/,
  );
  t.same((await readdir(path('other'))).sort(), ['index.html', 'note.txt']);
});
