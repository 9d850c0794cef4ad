import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import t from 'tap';
import { SynestheteError } from '../../../models/errors.ts';
import { Access } from '../../../src/server/access/index.ts';
import { ShowServer, createToken, linkAsQrCode } from '../../../src/server/index.ts';
import type { ClientFault } from '../../../src/server/protocol/index.ts';
import { failure } from '../../models/rejection.ts';
import { Client, refusedWith } from './support/client.ts';
import { FakeShow, stateOf } from './support/fake-show.ts';
import { serve } from './support/serve.ts';

/** The status of a request with headers that fetch would not send. */
async function statusOf(at: string, path: string, headers: Record<string, string> = {}): Promise<number> {
  const [host, port] = at.split(':') as [string, string];
  const sent = request({ host, port, path, headers, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage];
  response.resume();
  return response.statusCode!;
}

t.test('on loopback only names of this machine are answered, and no other page', async (t) => {
  const { at, server } = await serve(t);
  const { port } = server;
  t.equal(server.token, undefined);
  const cases: [Record<string, string>, number][] = [
    [{}, 200],
    [{ host: `localhost:${port}` }, 200],
    [{ host: 'localhost' }, 200],
    [{ host: '[::1]:8080' }, 200],
    [{ host: 'evil.example' }, 403],
    [{ host: `evil.example:${port}` }, 403],
    [{ host: '127.0.0.1.evil.example' }, 403],
    [{ host: 'localhost@evil.example' }, 403],
    [{ host: '192.168.1.5' }, 403],
    [{ origin: `http://${at}` }, 200],
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: `http://${at}.evil.example` }, 403],
    [{ host: `localhost:${port}`, origin: `http://127.0.0.1:${port}` }, 403],
  ];
  for (const [headers, status] of cases) {
    t.equal(await statusOf(at, '/api/state', headers), status, JSON.stringify(headers));
    const name = `WebSocket ${JSON.stringify(headers)}`;
    if (status === 403) {
      t.equal(await refusedWith(`ws://${at}/stream`, { headers }), 403, name);
      t.equal(await refusedWith(`ws://${at}/sound`, { headers }), 403, name);
    } else (await Client.open(`ws://${at}/stream`, { headers })).socket.terminate();
  }
  t.equal(await statusOf(at, '/socket.io/?EIO=4&transport=polling', { origin: 'http://evil.example' }), 403);
});

t.test('origins that are allowed may read and control', async (t) => {
  const { at } = await serve(t, { allowedOrigins: ['https://stage.example'] });
  const headers = { origin: 'https://stage.example' };
  const response = await fetch(`http://${at}/api/state`, { headers });
  t.equal(response.headers.get('access-control-allow-origin'), 'https://stage.example');
  const own = await fetch(`http://${at}/api/state`);
  t.equal(own.headers.get('access-control-allow-origin'), null);
  t.equal(own.headers.get('vary'), 'Origin', 'so that no cache gives this answer to pages of that origin');
  t.equal((await fetch(`http://${at}/api/control`, { method: 'OPTIONS', headers })).status, 204);
  (await Client.open(`ws://${at}/stream`, { headers })).socket.terminate();
});

t.test(
  'pages of allowed origins, and no others, may read what Socket.IO answers to their polling',
  async (t) => {
    const { at } = await serve(t, { allowedOrigins: ['https://stage.example', 'http://other.example:8080'] });
    const address = `http://${at}/socket.io/?EIO=4&transport=polling`;
    const ask = async (origin: string, path = '', init: RequestInit = {}) => {
      const response = await fetch(`${address}${path}`, { ...init, headers: { origin } });
      const { status, headers } = response;
      return { status, text: await response.text(), allowed: headers.get('access-control-allow-origin') };
    };
    for (const origin of ['https://stage.example', 'http://other.example:8080']) {
      const opened = await ask(origin);
      t.match(opened, { status: 200, allowed: origin });
      const { sid } = JSON.parse(opened.text.slice(1)) as { sid: string };
      const posted = await ask(origin, `&sid=${sid}`, { method: 'POST', body: '40' });
      t.match(posted, { status: 200, text: 'ok', allowed: origin });
      t.match(await ask(origin, `&sid=${sid}`), { status: 200, text: /^40/, allowed: origin });
    }
    t.match(await ask('https://evil.example'), { status: 403, allowed: null });
    const local = await serve(t);
    const own = await fetch(`http://${local.at}/socket.io/?EIO=4&transport=polling`);
    t.equal(own.headers.get('access-control-allow-origin'), null, 'none is allowed unless asked for');
  },
);

t.test('beyond loopback displays read, and only who has the token controls', async (t) => {
  const { show, server, at } = await serve(t, { host: '0.0.0.0' });
  const { token } = server;
  t.match(token, /^[\w-]{24}$/);
  t.match(server.link, new RegExp(`^http://[\\w.]+:${server.port}/#token=${token}$`));
  show.states.next(stateOf('a'));
  const display = await Client.open(`ws://${at}/stream`);
  t.ok(await display.state(0), 'read without it');
  display.send({ type: 'control', control: { control: 'next' }, ref: 1 });
  t.match(await display.reply(1), { ok: false, error: { code: 'unauthorised' } });
  display.send({ type: 'hello', token, ref: 2 });
  t.match(await display.reply(2), { ok: true, control: true });
  display.send({ type: 'control', control: { control: 'next' }, ref: 3 });
  t.match(await display.reply(3), { ok: true });

  const control = (authorization?: string) =>
    fetch(`http://${at}/api/control`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: JSON.stringify({ control: 'back' }),
    });
  t.equal((await control()).status, 401);
  t.equal((await control('Bearer wrong')).status, 401);
  t.equal((await control(`Bearer ${token}`)).status, 200);
  t.equal((await fetch(`http://${at}/api/clients`)).status, 401);
  t.equal((await fetch(`http://${at}/api/devices`)).status, 401);
  t.equal((await fetch(`http://${at}/api/gallery`)).status, 200);
  t.strictSame(show.asked, [{ control: 'next' }, { control: 'back' }]);
});

t.test('only those who may control learn where files are and see unsafe pictures', async (t) => {
  const { show, server, at } = await serve(t, { host: '0.0.0.0' });
  show.unsafe.add('c');
  const get = async (path: string, token?: string) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    return (await (await fetch(`http://${at}${path}`, { headers })).json()) as {
      status: unknown;
      total: number;
      pictures: { id: string }[];
    };
  };
  for (const token of [undefined, 'a wrong one', '']) {
    t.strictSame((await get('/api/state', token)).status, show.publicStatus());
    const { total, pictures } = await get('/api/gallery', token);
    t.equal(total, 3);
    t.strictSame(
      pictures.map(({ id }) => id),
      ['a', 'b', 'd'],
    );
  }
  t.strictSame((await get('/api/state', server.token)).status, show.status());
  t.equal((await get('/api/gallery', server.token)).total, 4);

  const local = await serve(t);
  local.show.unsafe.add('c');
  const gallery = await fetch(`http://${local.at}/api/gallery`);
  t.match(await gallery.json(), { total: 4 }, 'on loopback all who reach it may control');
});

t.test('after too many wrong tokens no more are compared until some time has passed', (t) => {
  let nowMs = 0;
  const token = createToken();
  const access = new Access({ host: '0.0.0.0', token, nowMs: () => nowMs });
  const fault = (given: string, address: string) => {
    try {
      access.requireControl(given, { address, proxied: false });
      return 'none';
    } catch (error) {
      return (error as ClientFault).fault;
    }
  };
  t.equal(fault(token, 'console'), 'none');
  for (const address of ['console', 'guesser']) {
    for (let i = 0; i < 10; i++) t.equal(fault(createToken(), address), 'unauthorised');
    t.equal(fault(createToken(), address), 'too-many');
  }
  t.equal(fault(token, 'guesser'), 'too-many', 'the right one is not known by the answer');
  t.equal(access.isTrusted(token, { address: 'guesser', proxied: false }), false, 'nor by the answer');
  t.equal(fault(token, 'console'), 'none', 'where it was given before it goes on');
  t.equal(access.isTrusted(token, { address: 'console', proxied: false }), true);
  t.equal(fault(token, 'another'), 'none', 'other addresses are not concerned');
  nowMs += 5900;
  t.equal(fault(token, 'guesser'), 'too-many');
  nowMs += 200;
  t.equal(fault(token, 'guesser'), 'none');

  for (let i = 0; i < 30; i++)
    t.equal(access.isTrusted(createToken(), { address: 'reader', proxied: false }), false);
  t.equal(
    access.isTrusted(token, { address: 'reader', proxied: false }),
    false,
    'guesses where no token is needed count as well',
  );
  for (let i = 0; i < 30; i++) t.equal(fault('that of yesterday', 'old page'), 'unauthorised');
  t.equal(fault(token, 'old page'), 'none', 'the same wrong one again is no other guess');
  t.end();
});

t.test('a wrong token closes, and guessing is stopped without keeping out who knows it', async (t) => {
  const token = createToken();
  const { at } = await serve(t, { host: '0.0.0.0', token });
  const wrong = await Client.open(`ws://${at}/stream`);
  wrong.send({ type: 'hello', token: `${token.slice(0, -1)}!` });
  t.equal((await wrong.closed).code, 4401);
  const guess = (authorization: string) =>
    fetch(`http://${at}/api/devices`, { headers: { authorization } }).then(({ status }) => status);
  t.equal(await guess(`Bearer ${token}`), 200);
  const statuses = [];
  for (let i = 0; i < 15; i++) statuses.push(await guess(`Bearer ${createToken()}`));
  t.strictSame(statuses.slice(0, 9), Array(9).fill(401));
  t.equal(statuses.at(-1), 429);
  t.equal(await guess(`Bearer ${token}`), 200);
  const late = await Client.open(`ws://${at}/stream`);
  late.send({ type: 'hello', token: 'another' });
  t.equal((await late.closed).code, 4429);
});

t.test('a token that is no secret is refused, and an empty one is none', async (t) => {
  for (const token of ['', 'short', 'x'.repeat(11)]) {
    const open = () =>
      ShowServer.open({ show: new FakeShow(), port: 0, version: '0', host: '0.0.0.0', token });
    t.match(await failure('USAGE', open), /too short/);
  }
  const { at, server } = await serve(t, { host: '0.0.0.0', token: 'x'.repeat(12) });
  const client = await Client.open(`ws://${at}/stream`);
  client.send({ type: 'hello', token: '', ref: 1 });
  t.match(await client.reply(1), { ok: true, control: false });
  t.notMatch(server.address, /token|x{12}/);
});

t.test('a port that is taken is reported in one line', async (t) => {
  const { server } = await serve(t);
  const { port } = server;
  await t.rejects(ShowServer.open({ show: new FakeShow(), port, version: '0' }), {
    constructor: SynestheteError,
    code: 'CANNOT_LISTEN',
    message: `the server can't listen at 127.0.0.1 port ${port}: the port is taken: end the program that has it, or choose another port`,
  });
  await t.rejects(ShowServer.open({ show: new FakeShow(), port: 0, host: '192.0.2.1', version: '0' }), {
    message: /does not have that address/,
  });
  // The same before there is a show.
  t.match(await failure('CANNOT_LISTEN', () => ShowServer.check({ port })), /the port is taken/);
  await failure('CANNOT_LISTEN', () => ShowServer.check({ port: 0, host: '192.0.2.1' }));
  await failure('USAGE', () => ShowServer.check({ port: 0, token: 'short' }));
  await ShowServer.check({ port: 0, token: createToken() });
});

t.test('the link comes as a QR code of lines of one length', async (t) => {
  const lines = linkAsQrCode('http://192.168.1.20:8080/#token=abcdefghijklmnopqrstuvwx').split('\n');
  t.ok(lines.length > 15);
  t.equal(new Set(lines.map((line) => line.length)).size, 1);
});

t.test('garbage instead of HTTP is refused, and the server goes on', async (t) => {
  const { at, server } = await serve(t);
  for (const garbage of [
    '\0\x01\x02\xff\r\n\r\n',
    'GET\r\n\r\n',
    `GET / HTTP/1.1\r\n${'x: y\r\n'.repeat(5000)}\r\n`,
  ]) {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(garbage);
    socket.resume();
    await once(socket, 'close');
  }
  t.equal(await statusOf(at, '/healthz'), 200);
});

t.test('upgrades elsewhere, or malformed ones, are refused', async (t) => {
  const { at, server } = await serve(t);
  t.equal(await refusedWith(`ws://${at}/`), 404);
  t.equal(await refusedWith(`ws://${at}/stream/../sound`.replace('/stream/..', '/x')), 404);
  for (const headers of [
    'Upgrade: websocket\r\n',
    'Upgrade: websocket\r\nSec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n',
    'Upgrade: h2c\r\n',
  ]) {
    const socket = connect(server.port, '127.0.0.1');
    socket.write(`GET /stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n${headers}\r\n`);
    const [head] = (await once(socket, 'data')) as [Buffer];
    t.match(head.toString(), /^HTTP\/1\.1 4\d\d /);
    socket.destroy();
  }
});
