import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import t from 'tap';

t.test('an engine that is used leaves nothing of a telemetry behind', async (t) => {
  const home = t.testdir({});
  const engine = new URL('../../../models/engine/index.ts', import.meta.url).href;
  const program = `
    const { openEngine } = await import(${JSON.stringify(engine)});
    await openEngine('cpu', { threads: 1 });
  `;
  // ONNX Runtime's telemetry makes an identifier of the machine and a store of events in these folders.
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import=./scripts/erase-types/register.js', '--input-type=module', '--eval', program],
    {
      env: {
        ...process.env,
        ORT_DISABLE_TELEMETRY: '',
        NODE_V8_COVERAGE: '',
        HOME: home,
        TMPDIR: home,
        XDG_CACHE_HOME: home,
      },
      encoding: 'utf8',
    },
  );
  t.equal(status, 0, stderr);
  const left = await readdir(home, { recursive: true });
  t.same(left.filter((name) => !name.startsWith('node-compile-cache')), []); // prettier-ignore
});
