import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { comparisonTables } from '../../../src/cli/compare/tables.ts';
import type { RunOutcome } from '../../../src/cli/compare/tables.ts';
import { TINY_SETTINGS, tinyBackbone, tinyDataset } from '../../support/tiny-dataset.ts';
import { synesthete } from './run.ts';

t.setTimeout(600_000);

interface Printed {
  readonly tables: ReturnType<typeof comparisonTables>;
  readonly runs: readonly RunOutcome[];
}

t.test('compare trains what is asked for, keeps what is finished, and prints both tables', async (t) => {
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
  const weights = await tinyBackbone(join(folder, 'resnet50.safetensors'));
  const settings = join(folder, 'settings.json');
  await writeFile(settings, JSON.stringify({ ...TINY_SETTINGS, imageBackbone: 'resnet50', epochs: 1 }));
  const out = join(folder, 'out');
  const run = (...more: string[]) =>
    synesthete([
      ...['compare', '--images', data.images, '--music', data.music, '--image-weights', weights],
      ...['--settings', settings, '--out', out, '--cache', join(folder, 'cache')],
      ...['--engine', 'cpu', '--threads', '1', ...more],
    ]);
  const first = await run('--only', 'cdcml,acp-net,sim-va', '--json');
  t.equal(first.code, 0, first.stderr);
  const { tables, runs } = JSON.parse(first.stdout.toString()) as Printed;
  t.same(tables.map(({ rows }) => rows.map(([name]) => name)), [
    ['constant mean', 'ACP-Net', 'CDCML (all terms)'],
    ['constant mean', 'sim + VA', 'CDCML (all terms)'],
  ]); // prettier-ignore
  t.same(runs.map(({ steps }) => steps), [2, 2, 2]); // prettier-ignore
  t.match(tables, [{ title: /split test, 2 pictures × 4 clips/ }, { title: /split test/ }]);
  t.equal(tables[0]!.rows[1]![1], runs.find(({ name }) => name === 'acp-net')!.test!.similarity!.mse);
  for (const { rows } of tables) {
    for (const row of rows)
      t.ok(
        row.slice(1, 7).every((value) => typeof value === 'number'),
        String(row[0]),
      );
  }
  const written = await stat(join(out, 'cdcml', 'weights.safetensors'));
  await rm(join(out, 'acp-net'), { recursive: true });
  const second = await run('--only', 'acp-net', '--format', 'markdown');
  t.equal(second.code, 0, second.stderr);
  t.match(second.stdout.toString(), /\| constant mean \| 0\.\d{4} \|/);
  t.match(second.stdout.toString(), /\*\*Table 4: terms of CDCML’s loss/);
  t.equal((await stat(join(out, 'cdcml', 'weights.safetensors'))).mtimeMs, written.mtimeMs, 'kept');
  t.equal(await readFile(join(out, 'comparison.md'), 'utf8'), second.stdout.toString());
  const again = await run('--only', 'acp-net', '--split', 'val');
  t.match(again.stdout.toString(), /^Table 3: systems \(split val, 3 pictures × 6 clips, /);
  t.match(again.stdout.toString(), /^the split val has also chosen the epoch of each run/m);
  t.match(again.stdout.toString(), /^engine: cpu \(/m, 'kept of runs that are finished');
  const otherEngine = await run('--only', 'acp-net', '--threads', '2');
  t.equal(otherEngine.code, 2);
  t.match(otherEngine.stderr, /holds a run with other data, settings, engine or --max-minutes/);
  const longer = await run('--only', 'acp-net', '--max-minutes', '5');
  t.equal(longer.code, 2);
  t.match(
    longer.stderr,
    /acp-net holds a run with other data, settings, engine or --max-minutes: name another --out/,
  );
  const { code, stderr } = await run('--only', 'cdcml2');
  t.equal(code, 2);
  t.match(stderr, /--only cdcml2: choose from acp-net, cdcml,/);
});

t.test('a table says what was not alike, and that val has chosen the epoch', (t) => {
  const figures = {
    n: { images: 3, clips: 4, pairs: 12 },
    sigma: 0.4,
    similarity: null,
    image: null,
    music: null,
  };
  const validation = { ...figures, retrieval: {} };
  const outcome = (name: string, ownSettings: Record<string, unknown>): RunOutcome => ({
    ...{ name, ownSettings, validation, test: { ...validation, sigma: 0.3 }, engine: 'cpu (2 threads)' },
    ...{ ranking: 'plane', steps: 1, bestEpoch: 1, seconds: 1 },
  });
  const outcomes = new Map([
    ['l3-net', outcome('l3-net', { epochs: 1, batch: 4 })],
    ['cdcml', outcome('cdcml', {})],
  ]);
  const [systems, terms] = comparisonTables(outcomes, 'test');
  t.match(systems!.title, /split test, .*σ 0\.3000/);
  t.same(systems!.notes.slice(1), [
    'engine: cpu (2 threads)',
    'L3-Net was trained with epochs 1, batch 4 unlike the others',
  ]);
  t.same(terms!.notes, [
    'the split val has chosen the epoch of each run, and what it ranks by',
    'engine: cpu (2 threads)',
  ]);
  t.match(comparisonTables(outcomes, 'val')[0], { title: /split val/, notes: [/flatter/] });
  t.end();
});
