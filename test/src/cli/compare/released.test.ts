import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { RunOutcome } from '../../../../src/cli/compare/outcome.ts';
import type { comparisonTables } from '../../../../src/cli/compare/tables.ts';
import { syntheticRelease } from '../../../support/released-imemnet.ts';
import { TINY_SETTINGS } from '../../../support/tiny-dataset.ts';
import { called } from '../called.ts';

t.setTimeout(600_000);

t.test(
  'from released lists and the folders of the corpora to trained systems and their tables',
  async (t) => {
    const folder = t.testdir({ 'settings.json': JSON.stringify(TINY_SETTINGS) });
    const { iaps, naps, emotic, deam, lists } = await syntheticRelease(join(folder, 'release'));
    const run = async (...command: string[]) => {
      const { code, stdout, stderr } = await called(command);
      t.equal(code, 0, `${command.slice(0, 2).join(' ')}: ${stderr}`);
      return { stdout: stdout.toString(), stderr };
    };
    const made = (name: string): string => join(folder, `${name}.csv`);
    for (const [name, { table, media }] of Object.entries({ iaps, naps, emotic }))
      await run('dataset', name, table, '--media', media, '--out', made(name));
    const imemnet = (music: string, out: string) =>
      run(
        ...['dataset', 'imemnet', '--images', made('iaps'), made('naps'), made('emotic'), '--music', music],
        ...['--released', ...lists, '--out', join(folder, out)],
      );
    const deamFrom = (from: string, out: string) =>
      run(
        ...['dataset', 'deam', '--valence', deam.valence, '--arousal', deam.arousal, '--media', deam.media],
        ...['--from', from, '--out', out],
      );
    await deamFrom('15', made('deam15'));
    t.match(
      (await imemnet(made('deam15'), 'wrong')).stderr,
      /is more than rounding: .* \(try dataset deam --from 16\)/,
    );
    await deamFrom('16', made('deam'));
    const { stdout, stderr } = await imemnet(made('deam'), 'imemnet');
    t.match(stderr, /clip 9 of the lists is taken to start at 18 s, .* exp\(−d\/0\.3844\) .*: by 0\.0000 /);
    t.match(stderr, /test: left out 60 pairs whose song or picture is in the list of another split as well/);
    t.match(stdout, /σ 0\.3844, of the released lists/);
    const summary = JSON.parse(await readFile(join(folder, 'imemnet', 'imemnet.json'), 'utf8')) as object;
    t.match(summary, {
      firstNumber: 9,
      songs: { train: 6, val: 2, test: 2 },
      clips: { train: 24, val: 8, test: 8 },
      images: { train: 16, val: 6, test: 6 },
      pairs: { train: 120, val: 40 },
      leftOut: { test: { unknown: 0 } },
    });

    const sources = [
      '--images',
      join(folder, 'imemnet', 'images.csv'),
      '--music',
      join(folder, 'imemnet', 'music.csv'),
    ];
    const pairs = ['--pairs', join(folder, 'imemnet', 'pairs-train.txt'), '--pairs-form', 'sampled'];
    const engine = ['--engine', 'cpu', '--threads', '1', '--cache', join(folder, 'cache')];
    const common = [...sources, ...engine, '--settings', join(folder, 'settings.json'), '--epochs', '1'];
    const comparison = await run(
      ...['compare', ...common, ...pairs, '--test-pairs', join(folder, 'imemnet', 'pairs-test.txt')],
      ...['--seeds', '1,2', '--only', 'sp-net,cdcml', '--out', join(folder, 'comparison'), '--json'],
    );
    const { tables, runs } = JSON.parse(comparison.stdout) as {
      readonly tables: ReturnType<typeof comparisonTables>;
      readonly runs: readonly RunOutcome[];
    };
    t.same(runs.map(({ steps, trainedOn }) => [steps, trainedOn.listedPairs]), Array(4).fill([15, 120])); // prettier-ignore
    t.match(tables[0]!.title, /test pairs \(\d+, listed in a file/);
    t.ok(runs.every(({ test }) => test!.pairs!.isListed && test!.pairs!.n > 10));

    // The released list itself does as well: what the manifests' test lacks of it is left out and counted.
    await writeFile(join(folder, 'train-settings.json'), JSON.stringify(TINY_SETTINGS));
    const trained = await run(
      ...['train', '--end-to-end', ...common, '--pairs', lists[0], '--pairs-form', 'sampled'],
      ...['--image-backbone', 'efficientnet-lite0', '--out', join(folder, 'model'), '--json'],
    );
    t.equal((JSON.parse(trained.stdout) as { steps: number }).steps, 15);
  },
);
