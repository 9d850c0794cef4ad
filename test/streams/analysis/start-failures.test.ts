import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { isShortage, startProcess } from '../../../models/start-process.ts';
import { checkOpenFiles } from '../../../src/cli/terminal/open-files.ts';
import { needsProc } from '../sources/support/processes.ts';

t.setTimeout(300_000);

const MAIN = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url));
const STARVED = fileURLToPath(new URL('support/starved.ts', import.meta.url));

function withOpenFiles(limit: number, ...args: readonly string[]) {
  const command = [`ulimit -n ${limit}; exec "$@"`, 'sh', process.execPath, ...args];
  const options = { env: { ...process.env, NODE_V8_COVERAGE: '' }, timeout: 120_000 };
  return promisify(execFile)('sh', ['-c', ...command], options);
}

t.test(
  'without a file number left, a start fails and counts, and the analysis comes back',
  needsProc,
  async (t) => {
    const { stdout } = await withOpenFiles(150, ...process.execArgv, STARVED);
    const said = Object.assign(
      {},
      ...stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ) as object;
    t.match(said, {
      full: 'EMFILE',
      analyser: { code: 'CANNOT_START' },
      child: 'EMFILE',
      status: /^the analysis process can't be started: too many files are open; [^\n]+ \(EMFILE\)$/,
      restarted: 1,
      leaked: 0,
    });
  },
);

t.test('each way in which a start fails gives CANNOT_START', async (t) => {
  for (const [code, says] of [
    ['EMFILE', /ulimit -n/],
    ['EAGAIN', /too many processes/],
    ['ENOMEM', /not enough memory/],
  ] as const) {
    const thrown = () => {
      throw Object.assign(new Error(`spawn ${code}`), { code });
    };
    const error: unknown = await startProcess('a program', thrown).catch((reason: unknown) => reason);
    t.match(error, { code: 'CANNOT_START', message: says });
    t.ok(isShortage(error));
  }
  const missing = startProcess('a program', () => spawn('/no/such/program'));
  await t.rejects(missing, { code: 'CANNOT_START', message: /a program can't be started: .*ENOENT/ });
  const started = await startProcess('node', () => spawn(process.execPath, ['--version']));
  t.type(started.pid, 'number');
});

t.test('a program that may open few files says so in one line', needsProc, async (t) => {
  const error = (await withOpenFiles(64, ...process.execArgv, MAIN, 'live', '--demo').catch(
    (reason: unknown) => reason,
  )) as Error;
  t.match(error, {
    code: 1,
    stdout: '',
    stderr: /^synesthete: the limit of open files is 64, and 256 are needed: run "ulimit -n 4096" [^\n]+\n$/,
  });
  await checkOpenFiles('/proc/no-such-file');
});
