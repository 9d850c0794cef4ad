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
  const data = await tinyDataset(join(folder, 'data'), { train: 8, val: 3 });
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
  const longer = await run('--only', 'acp-net', '--max-minutes', '5');
  t.equal(longer.code, 2);
  t.match(
    longer.stderr,
    /acp-net holds a run with other data, settings or --max-minutes: name another --out/,
  );
  const { code, stderr } = await run('--only', 'cdcml2');
  t.equal(code, 2);
  t.match(stderr, /--only cdcml2: choose from acp-net, cdcml,/);
});
