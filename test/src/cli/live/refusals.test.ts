import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { emptyFolder } from '../../../support/folder.ts';
import { synesthete } from '../run.ts';

/* What can't work is reported in one line, before anything is served. */

const folder = emptyFolder(t);
const live = (...args: string[]) =>
  synesthete(['live', '--port', '0', '--state', join(folder, 'show.json'), ...args]);

async function refused(code: number, line: RegExp, ...args: string[]): Promise<void> {
  const outcome = await live(...args);
  t.equal(outcome.code, code, args.join(' '));
  const told = outcome.stderr.replace('synesthete: opening the model and the gallery …\n', '');
  t.match(told, line);
  t.equal(told.trim().split('\n').length, 1, 'one line');
  t.equal(outcome.stdout.toString(), '');
}

t.test('a file, a device, a port, a host, a token or an origin that can not be', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const { port } = taken.address() as { port: number };
  await refused(1, /^synesthete: .*nofile\.wav can't be read/, join(folder, 'nofile.wav'));
  await refused(1, /^synesthete: /, '--device', 'no such mixer');
  await refused(2, /nothing to listen to: .*--browser/);
  await refused(1, /the port is taken/, '--demo', '--port', String(port));
  await refused(1, /does not have that address/, '--demo', '--host', '192.0.2.1');
  await refused(2, /the control token is too short/, '--demo', '--token', 'short');
  for (const origin of ['stage.example', 'ftp://stage.example', '*']) {
    await refused(2, /--origin.*https:\/\/example\.org/, '--demo', '--origin', origin);
  }
  for (const url of ['stage.example', 'ftp://stage.example', 'https://stage.example/?a']) {
    await refused(2, /--public-url.*https:\/\/show\.example\.org/, '--demo', '--public-url', url);
  }
  await refused(2, /--trust-proxy.*127\.0\.0\.1/, '--demo', '--trust-proxy', 'nginx');
  await refused(2, /--osc-at.*\[::1\]:9000/, '--demo', '--osc-at', '::1:9000');
});
