import { execFile, spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t from 'tap';
import { MAIN } from './run.ts';

t.setTimeout(600_000);

const DEMO = fileURLToPath(new URL('../../../demo', import.meta.url));
const run = promisify(execFile);

const runs = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;
const isInstalled = process.platform === 'linux' && runs('strace', '--version');
const isPermitted = isInstalled && runs('strace', '-f', '-o', '/dev/null', 'true');
const skip = isPermitted
  ? false
  : `strace, which watches the calls of the system, is not ${isInstalled ? 'permitted here' : 'installed'}`;
if (!isInstalled && process.env['CI'] === 'true') t.fail(String(skip));
/** A machine without any network: what needs one would fail. */
const ISOLATED = runs('unshare', '-rn', 'true') ? ['unshare', '-rn'] : [];

/** Addresses of other machines, with what was to be sent there, in a trace of system calls. */
function callsAbroad(trace: string): string[] {
  return trace
    .split('\n')
    .filter(
      (line) => /sa_family=AF_INET6?\b/.test(line) && /\b(?:connect|sendto|sendmsg|sendmmsg)\(/.test(line),
    )
    .filter(
      (line) => !/inet_addr\("127\.[\d.]+"\)|inet_pton\(AF_INET6, "(?:::1|::ffff:127\.[\d.]+)"/.test(line),
    );
}

/** What a command, its processes and its native libraries send beyond this machine. */
async function sentBy(folder: string, wrapper: readonly string[], ...args: string[]): Promise<string[]> {
  const out = join(folder, `${args[0]!}.strace`);
  const traced = ['strace', '-f', '-qq', '-e', 'trace=connect,sendto,sendmsg,sendmmsg', '-o', out];
  const [program, ...rest] = [...wrapper, ...traced, process.execPath, MAIN, ...args];
  const env = { ...process.env, NODE_V8_COVERAGE: '', XDG_CACHE_HOME: folder, XDG_DATA_HOME: folder };
  await run(program!, rest, { env, maxBuffer: 64 << 20 }).catch((error: unknown) => {
    // `timeout` has ended it.
    if ((error as { code?: unknown }).code !== 124) throw error;
  });
  return callsAbroad(readFileSync(out, 'utf8'));
}

t.test('a trace shows what goes to other machines', { skip }, async (t) => {
  const out = join(t.testdir({}), 'lookup.strace');
  const lookup = "require('node:dgram').createSocket('udp4').send('x', 9, '192.0.2.1', () => process.exit())";
  const traced = ['-f', '-qq', '-e', 'trace=connect,sendto,sendmsg,sendmmsg', '-o', out];
  await run('strace', [...traced, process.execPath, '-e', lookup]);
  t.match(callsAbroad(readFileSync(out, 'utf8')), [/192\.0\.2\.1/]);
});

t.test('predict sends nothing, and needs no network', { skip }, async (t) => {
  const folder = t.testdir({});
  const picture = join(DEMO, 'gallery', 'rain-1.webp');
  t.same(await sentBy(folder, ISOLATED, 'predict', picture, join(DEMO, 'music.ogg'), '--engine', 'auto'), []);
});

t.test('index sends nothing', { skip }, async (t) => {
  const folder = t.testdir({ gallery: {} });
  const gallery = join(folder, 'gallery');
  cpSync(join(DEMO, 'gallery', 'rain-1.webp'), join(gallery, 'rain-1.webp'));
  t.same(await sentBy(folder, ISOLATED, 'index', gallery), []);
});

t.test('live sends nothing', { skip }, async (t) => {
  const folder = t.testdir({});
  // A machine without a network has no loopback either, which the show listens on.
  const wrapper = ['timeout', '--signal=INT', '20'];
  t.same(await sentBy(folder, wrapper, 'live', '--demo', '--port', '0'), []);
});
