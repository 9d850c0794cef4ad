import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import t from 'tap';
import { build, isOutOfDate, ROOT, type Step } from '../../../scripts/build/steps.ts';

t.test('a step is taken when an input has changed or an output is missing', async (t) => {
  const folder = t.testdir({ source: { inner: { 'a.txt': 'a' } }, out: {} });
  const name = `a step of ${relative(ROOT, folder)}`.replaceAll('/', ' ');
  t.teardown(() => {
    rmSync(join(ROOT, '.tap', 'built', name.replaceAll(' ', '-')), { force: true });
  });
  const place = relative(ROOT, folder);
  const step: Step = {
    name,
    command: `cp ${place}/source/inner/a.txt ${place}/out/a.txt`,
    inputs: [`${place}/source`],
    outputs: [`${place}/out/a.txt`],
  };
  const before = new Date(Date.now() - 60_000);
  const source = join(folder, 'source');
  const age = () => {
    for (const path of ['inner/a.txt', 'inner', '.']) utimesSync(join(source, path), before, before);
  };
  age();
  t.ok(isOutOfDate(step), 'never taken');
  await build([step]);
  t.notOk(isOutOfDate(step));

  rmSync(join(folder, 'out', 'a.txt'));
  t.ok(isOutOfDate(step), 'its output is gone');
  await build([step]);
  t.notOk(isOutOfDate(step));

  writeFileSync(join(source, 'inner', 'a.txt'), 'b');
  t.ok(isOutOfDate(step), 'a file is newer');
  age();
  t.notOk(isOutOfDate(step));
  mkdirSync(join(source, 'inner', 'b'));
  t.ok(isOutOfDate(step), 'a folder is newer');

  await t.rejects(build([{ ...step, command: 'exit 3' }]), { message: `${name}: \`exit 3\` failed` });
  t.ok(isOutOfDate(step), 'and is still to be taken');
});
