import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { BlockRunner, planOf } from '../../scripts/try-blocks.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function runnerIn(folder: string) {
  const port = await freePort();
  const healthUrl = `http://127.0.0.1:${port}/`;
  return { port, healthUrl, runner: new BlockRunner({ folder, env: process.env, healthUrl }) };
}

const serving = (port: number) =>
  `node -e "require('http').createServer((_, r) => r.end('ok')).listen(${port}, '127.0.0.1')"`;

t.test('a comment says what is done with a block', async (t) => {
  t.same(planOf({ comment: undefined }), { kind: 'run' });
  t.same(planOf({ comment: 'another comment' }), { kind: 'run' });
  t.same(planOf({ comment: 'docs:try serves' }), { kind: 'serve' });
  t.same(planOf({ comment: 'docs:try needs: curl' }), { kind: 'run', needs: 'curl' });
  t.same(planOf({ comment: 'docs:try skip: needs a device' }), { kind: 'skip', reason: 'needs a device' });
  t.same(planOf({ comment: 'docs:try types: never ends' }), { kind: 'types', reason: 'never ends' });
  t.throws(() => planOf({ comment: 'docs:try skip' }), /not understood/);
});

t.test('a block is run in the folder; what fails is reported with what it printed', async (t) => {
  const folder = t.testdir({});
  const { runner } = await runnerIn(folder);
  t.equal(await runner.run('echo x > made\necho y'), undefined);
  t.ok(existsSync(join(folder, 'made')));
  t.match(await runner.run('echo before\nfalse\ntouch after'), /^ended with 1\nbefore$/);
  t.notOk(existsSync(join(folder, 'after')), 'nothing is run after what failed');
  t.match(await runner.run('false | cat'), /^ended with 1/);
});

t.test('a server runs until it is stopped, with its children', async (t) => {
  const { port, healthUrl, runner } = await runnerIn(t.testdir({}));
  // Not the shell's last command, so that the server is a child of the shell.
  t.equal(await runner.serve(`${serving(port)}\necho ended`), undefined);
  t.equal(await (await fetch(healthUrl)).text(), 'ok');
  t.equal(await runner.run(`node -e "fetch('${healthUrl}')"`), undefined);
  await runner.stopServer();
  await t.rejects(fetch(healthUrl));
});

t.test('a server that ends is reported; so is another one that has its place', async (t) => {
  const { port, runner } = await runnerIn(t.testdir({}));
  t.match(await runner.serve('echo no sound; exit 3'), /^ended before .*\nno sound$/);
  const other = createServer((socket) => {
    socket.end('HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  }).listen(port, '127.0.0.1');
  t.teardown(() => other.close());
  t.match(await runner.serve('true'), /answers at .* already/);
});
