import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startLiveIn } from '../../../support/live-program.ts';

/** What a show has no use for: training, the tables of data sets, other commands, and the libraries that these need. */
const FOREIGN = [
  /\/dist\/models\/(\w+\/)*training\//,
  /\/dist\/src\/cli\/(compare|dataset|evaluate|train)\//,
  /\/dist\/src\/(replay|report)\//,
  /\/node_modules\/(csv-parse|csv-stringify|ml-matrix|@tensorflow|usearch)\//,
];

t.test('a show with the built-in model loads no module of training, corpora or tables', async (t) => {
  const list = join(t.testdir(), 'modules.txt');
  const hook = new URL('support/list-modules.mjs', import.meta.url);
  const show = await startLiveIn(
    t,
    { MODULE_LIST: list, NODE_OPTIONS: `--import=${fileURLToPath(hook)}` },
    '--demo',
    '--port',
    '0',
  );
  while ((await show.state()).message.mood.confidence === 0) await pause(100);
  const modules = [...new Set(readFileSync(list, 'utf8').trim().split('\n'))];
  const loaded = (part: string) => modules.some((url) => url.includes(part));
  t.ok(loaded('/dist/src/cli/main.js'), 'the program itself is listed');
  t.ok(loaded('/dist/streams/analysis/worker.js'), 'and so is its analysis process');
  t.ok(loaded('/dist/models/families/on-encoders/open.js'), 'with the model that it opened');
  t.strictSame(
    modules.filter((url) => FOREIGN.some((pattern) => pattern.test(url))),
    [],
  );
});
