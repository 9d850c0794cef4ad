import { appendFile, copyFile, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { RunOutcome } from '../../../../src/cli/compare/outcome.ts';
import type { Spread } from '../../../../src/cli/compare/spread.ts';
import type { comparisonTables } from '../../../../src/cli/compare/tables.ts';
import { TINY_SETTINGS, tinyBackbone, tinyDataset } from '../../../support/tiny-dataset.ts';
import { called } from '../called.ts';
import { refused } from '../refused.ts';
import '../../../support/shared-sessions.ts';

t.setTimeout(600_000);

interface Printed {
  readonly settings: string;
  readonly tables: ReturnType<typeof comparisonTables>;
  readonly runs: readonly RunOutcome[];
}

t.test('compare trains what is asked for, keeps what is finished, and prints the tables', async (t) => {
  const folder = t.testdir({});
  const data = await tinyDataset(join(folder, 'data'), { train: 8, val: 5 });
  for (const manifest of [data.images, data.music]) {
    let tests = 0;
    const text = await readFile(manifest, 'utf8');
    await writeFile(
      manifest,
      text.replace(/,val$/gm, () => (tests++ < 2 ? ',test' : ',val')),
    );
  }
  // Which no table can judge by.
  await copyFile(join(folder, 'data', 'images0.png'), join(folder, 'data', 'partly.png'));
  await appendFile(data.images, 'partly.png,,0.5,test\n');
  const weights = await tinyBackbone(join(folder, 'resnet50.safetensors'));
  const settings = join(folder, 'settings.json');
  await writeFile(settings, JSON.stringify({ ...TINY_SETTINGS, imageBackbone: 'resnet50', epochs: 9 }));
  const out = join(folder, 'out');
  const args = (...more: string[]) => [
    ...['compare', '--images', data.images, '--music', data.music, '--image-weights', weights],
    ...['--settings', settings, '--out', out, '--cache', join(folder, 'cache')],
    ...['--engine', 'cpu', '--threads', '1', '--epochs', '1', ...more],
  ];
  const run = (...more: string[]) => called(args(...more));
  const first = await run('--seeds', '1,2', '--only', 'cdcml,acp-net,sim-va', '--json');
  t.equal(first.code, 0, first.stderr);
  t.match(first.stderr, /images\.csv: 1 of 14 rows have one of valence and arousal only; .* leave them out/);
  const { settings: line, tables, runs } = JSON.parse(first.stdout.toString()) as Printed;
  t.match(
    line,
    /^seeds 1, 2 \(mean ± deviation\); 1 epochs, batch 8, sgd 0\.01 .*; pictures by resnet50, frozen; trained on 8 pictures and 16 clips, all pairs of a batch; cpu/,
  );
  t.same(tables.map(({ title }) => /^Table \d: .*, (test pairs|all pairs)/.exec(title)?.[0]), [
    'Table 1: similarity by system, test pairs',
    'Table 1: similarity by system, all pairs',
    'Table 3: valence and arousal by system, test pairs',
    'Table 3: valence and arousal by system, all pairs',
    'Table 4: terms of CDCML’s loss, test pairs',
    'Table 4: terms of CDCML’s loss, all pairs',
  ]); // prettier-ignore
  t.match(
    tables[0]!.title,
    /test pairs \(8, drawn as IMEMNet’s, five a clip; σ/,
    'two pictures a clip, not more',
  );
  t.match(tables[1]!.title, /all pairs of test \(2 pictures × 4 clips, σ/);
  t.same(tables[0]!.rows.map(([name]) => name), [
    'constant mean',
    '– of the released test list',
    'ACP-Net',
    '– published, on IMEMNet',
    'CDCML (all terms)',
    '– published, on IMEMNet',
  ]); // prettier-ignore
  t.same(
    tables[5]!.rows.map(([name]) => name),
    ['constant mean', 'sim + VA', 'CDCML (all terms)'],
  );
  t.same(tables.map(({ columns }) => columns.length), [4, 6, 10, 10, 12, 14]); // prettier-ignore
  t.same(runs.map(({ name, seed, steps }) => [name, seed, steps]), [
    ['acp-net', 1, 2], ['cdcml', 1, 2], ['sim-va', 1, 2],
    ['acp-net', 2, 2], ['cdcml', 2, 2], ['sim-va', 2, 2],
  ]); // prettier-ignore
  const acp = runs.filter(({ name }) => name === 'acp-net').map(({ test }) => test!);
  const mse = tables[0]!.rows[2]![1] as Spread;
  t.same(mse.values, acp.map(({ pairs }) => pairs!.similarity!.mse)); // prettier-ignore
  t.equal(mse.mean, (mse.values[0]! + mse.values[1]!) / 2);
  t.ok(Math.abs(mse.deviation! - Math.abs(mse.values[0]! - mse.values[1]!) / Math.SQRT2) < 1e-12);
  t.same((tables[1]!.rows[1]![1] as Spread).values, acp.map(({ similarity }) => similarity!.mse)); // prettier-ignore
  for (const { title, rows, columns } of tables) {
    const figures = columns.flatMap((name, i) => (/M[SA]E$|gap/.test(name) ? [i] : []));
    for (const row of rows) {
      const name = row[0] as string;
      if (!name.startsWith('–'))
        t.ok(
          figures.every((i) => row[i] !== null),
          `${title}: ${name}`,
        );
    }
  }
  t.same((await readdir(join(out, 'cdcml'))).sort(), ['seed-1', 'seed-2']);

  const written = await stat(join(out, 'cdcml', 'seed-1', 'weights.safetensors'));
  await rm(join(out, 'acp-net', 'seed-2'), { recursive: true });
  const second = await run('--seeds', '1,2', '--only', 'acp-net', '--format', 'markdown');
  t.equal(second.code, 0, second.stderr);
  t.match(second.stdout.toString(), /^seeds 1, 2/);
  t.match(second.stdout.toString(), /\| ACP-Net \| 0\.\d{4} ± 0\.\d{4} \|/);
  t.match(second.stdout.toString(), /\| – published, on IMEMNet \| 0\.0860 \| 0\.2220 \| – \|/);
  t.equal((await stat(join(out, 'cdcml', 'seed-1', 'weights.safetensors'))).mtimeMs, written.mtimeMs, 'kept');
  t.equal(await readFile(join(out, 'comparison.md'), 'utf8'), second.stdout.toString());
  const again = await run('--seeds', '1', '--only', 'acp-net', '--split', 'val');
  t.match(again.stdout.toString(), /^Table 1: similarity by system, val pairs \(18, /m);
  t.match(again.stdout.toString(), /^the split val has also chosen the epoch of each run/m);
  t.match(again.stdout.toString(), /; cpu \(.*\)$/m, 'the engine of runs that are finished');

  for (const [more, message] of [
    [['--threads', '2'], /holds a run with other data, settings, engine or --max-minutes/],
    [['--max-minutes', '5'], /acp-net.seed-1 holds a run with other .*: name another --out/],
    [['--only', 'cdcml2'], /--only cdcml2: choose from acp-net, cdcml,/],
    [['--pairs-form', 'sampled'], /holds a run with other data, settings/],
    [['--seeds', '1,1'], /must be different whole numbers/],
    [['--test-pairs', join(folder, 'none.txt')], /none\.txt/],
  ] as const) {
    const { code, stderr } = await refused(args('--only', 'acp-net', ...more));
    t.ok(code === 2 || more[0] === '--test-pairs', `${more.join(' ')}: ${code}`);
    t.match(stderr, message);
  }
});

t.test('pairs of files need the sampled form, and settings leave the seed to --seeds', async (t) => {
  const folder = t.testdir({ 'seed.json': '{"seed": 4}', 'dense.json': JSON.stringify(TINY_SETTINGS) });
  const data = await tinyDataset(join(folder, 'data'), { train: 6, val: 3 });
  const pairs = join(folder, 'pairs.txt');
  await writeFile(
    pairs,
    Array.from(
      { length: 9 },
      (_, i) => `music${3 + (i % 6)}-${i % 2} images${3 + ((2 * i) % 6)} 0.${i + 1}\n`,
    ).join(''),
  );
  const out = join(folder, 'out');
  const run = (settings: string, ...more: string[]) =>
    called([
      ...['compare', '--images', data.images, '--music', data.music, '--pairs', pairs, '--out', out],
      ...['--cache', join(folder, 'cache'), '--engine', 'cpu', '--threads', '1', '--epochs', '1'],
      ...['--settings', join(folder, settings), '--seeds', '3', '--only', 'sp-net', ...more],
    ]);
  const seeded = await run('seed.json');
  t.equal(seeded.code, 2);
  t.match(seeded.stderr, /seed in --settings is for compare to choose: leave it out and name --seeds/);
  const dense = await run('dense.json');
  t.equal(dense.code, 2);
  t.match(dense.stderr, /files of pairs need the sampled form of the losses; give --pairs-form sampled/);
  const sampled = await run('dense.json', '--pairs-form', 'sampled');
  t.equal(sampled.code, 0, sampled.stderr);
  t.match(sampled.stdout.toString(), /^seeds 3 .* trained on 6 pictures and 12 clips, 9 listed pairs; /);
  t.match(
    sampled.stdout.toString(),
    /^SP-Net +0\.\d{4} +0\.\d{4} +2$/m,
    'nine pairs are two batches of eight',
  );
});
