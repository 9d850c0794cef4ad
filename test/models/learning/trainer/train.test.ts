import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { train } from '../../../../models/learning/trainer/index.ts';
import { readModelDescription, readSafetensors } from '../../../../models/weights/index.ts';
import { TINY_SETTINGS, tinyDataset } from '../../../support/tiny-dataset.ts';
import { testContext } from './context.ts';

const folder = t.testdir({});
const data = { ...(await tinyDataset(join(folder, 'data'))), skipBad: false };
const context = await testContext(join(folder, 'cache'));

for (const [system, settings] of [
  ['cdcml', {}],
  ['sp-net', {}],
  ['l3-net', {}],
] as const) {
  t.test(`${system} is trained from manifests to a folder with a model`, async (t) => {
    const out = join(folder, system);
    const result = await train(
      { given: { ...TINY_SETTINGS, system, ...settings }, sources: data, out, resume: false },
      context,
    );
    t.equal(result?.steps, 3 * 3);
    t.same((await readdir(out)).sort(), [
      'checkpoint.safetensors',
      'metrics.jsonl',
      'model.json',
      'report.html',
      'weights.safetensors',
    ]);
    const model = await readModelDescription(join(out, 'model.json'));
    t.equal(model.architecture.name, system);
    t.equal(model.ranking?.score, result?.ranking);
    const { tensors } = await readSafetensors(join(out, 'weights.safetensors'));
    t.ok([...tensors.values()].every(({ data: values }) => values.every(Number.isFinite)));
    const lines = (await readFile(join(out, 'metrics.jsonl'), 'utf8')).trim().split('\n');
    const steps = lines.map((line) => JSON.parse(line) as { kind: string; stage: string; step: number });
    t.same(
      steps.filter(({ kind, stage }) => kind === 'step' && stage === 'network').map(({ step }) => step),
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
    const report = await readFile(join(out, 'report.html'), 'utf8');
    t.match(report, /<svg/);
    t.notMatch(report, /(?:src|href)=|https?:/, 'it opens without a network');
  });
}
