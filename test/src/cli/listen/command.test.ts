import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { wav16 } from '../../../streams/sources/support/signals.ts';
import { called } from '../called.ts';
import { synesthete } from '../run.ts';

interface Line {
  readonly source: string;
  readonly state: string;
  readonly message: string;
  readonly heardSeconds: number;
  readonly clipsTotal: number;
  readonly dropsTotal: number;
  readonly onsetsPerSecond: number;
  readonly rssMegabytes: number;
}

function lines(stdout: Buffer): Line[] {
  return stdout
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

/** Raw 32-bit floats of a click every 0.5 s. */
function clicks(seconds: number): Buffer {
  const bytes = Buffer.alloc(seconds * 22_050 * 4);
  for (let n = 0; n < seconds * 22_050; n++) bytes.writeFloatLE(0.8 * Math.exp(-(n % 11_025) / 100), n * 4);
  return bytes;
}

t.test('a file as fast as possible: every clip is analysed, whatever the hop', async (t) => {
  const path = join(t.testdir({}), 'a.wav');
  writeFileSync(
    path,
    wav16(22_050, 1, 5 * 22_050, (n) => Math.round(9000 * Math.sin(n / 20))),
  );
  for (const [hop, clipsTotal] of [
    ['0.5', 7],
    ['0.1', 31],
  ] as const) {
    const { code, stdout, stderr } = await called(['listen', path, '--pace', 'max', '--json', '--hop', hop]);
    t.match({ code, stderr }, { code: 0, stderr: '' });
    t.match(lines(stdout).at(-1), {
      source: path,
      state: 'ended',
      heardSeconds: 5,
      clipsTotal,
      dropsTotal: 0,
    });
  }
});

t.test('raw samples on standard input; numbers that are no samples are silenced and told', async (t) => {
  const raw = [
    'listen',
    '--stdin',
    '--format',
    'f32le',
    '--rate',
    '22050',
    '--channels',
    '1',
    '--pace',
    'max',
    '--json',
  ];
  const good = lines((await synesthete(raw, { stdin: clicks(6) })).stdout).at(-1)!;
  t.match(good, { source: 'stdin', heardSeconds: 6, clipsTotal: 9, dropsTotal: 0 });
  t.ok(Math.abs(good.onsetsPerSecond - 2) < 0.3, `${good.onsetsPerSecond} onsets a second`);

  const bad = clicks(3);
  for (const [at, value] of [
    [5, NaN],
    [6, Infinity],
    [7, -Infinity],
  ] as const)
    bad.writeFloatLE(value, at * 4);
  const { code, stdout } = await synesthete(raw, { stdin: bad });
  t.equal(code, 0);
  t.match(lines(stdout).at(-1), { heardSeconds: 3, message: /3 bad samples/ });
});

t.test('Ctrl-C gives the last state and exit code 130', async (t) => {
  let pressed = false;
  const { code, stdout } = await synesthete(['listen', '--demo', '--json'], {
    onOutput: (_, kill) => {
      if (!pressed) kill('SIGINT');
      pressed = true;
    },
  });
  t.equal(code, 130);
  t.ok(lines(stdout).length >= 2);
});

t.test('a source that cannot be opened is one line, and nothing on standard output', async (t) => {
  const dir = t.testdir({ 'empty.wav': '' });
  const cases: [string[], number, RegExp][] = [
    [['listen'], 2, /nothing to listen to/],
    [['listen', join(dir, 'none.mp3')], 1, /none\.mp3 does not exist/],
    [['listen', join(dir, 'empty.wav')], 1, /empty\.wav is empty/],
    [['listen', '--stdin'], 1, /standard input ended before a WAV header/],
    [['listen', '--demo', '--hop', '0'], 2, /at least one sample/],
    [['listen', '--demo', '--stdin'], 2, /only one thing/],
  ];
  for (const [args, exitCode, says] of cases) {
    const { code, stdout, stderr } = await (args.includes('--stdin') ? synesthete : called)(args);
    t.equal(code, exitCode, args.join(' '));
    t.match(stderr, says);
    t.match(stderr, /^synesthete: [^\n]+\n$/);
    t.equal(stdout.length, 0);
  }
});
