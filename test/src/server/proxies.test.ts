import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import t from 'tap';
import { Proxies } from '../../../src/server/access/index.ts';
import { ShowServer } from '../../../src/server/index.ts';
import { failure } from '../../models/rejection.ts';
import { Client, refusedWith } from './support/client.ts';
import { stateOf } from './support/fake-show.ts';
import { serve } from './support/serve.ts';

/** What a proxy adds that says all it can. */
const PROXIED = {
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'show.example.org',
};

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  readonly json: { error?: { message: string }; servers?: { show: unknown }; total?: number };
}

/** With headers that fetch would not send. */
async function ask(
  at: string,
  path: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Answer> {
  const [host, port] = at.split(':') as [string, string];
  const method = body === undefined ? 'GET' : 'POST';
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const sent = request({ host, port, path, method, headers: { ...type, ...headers }, agent: false }).end(
    body,
  );
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const piece of response as AsyncIterable<Buffer>) text += piece.toString();
  const json = (text.startsWith('{') ? JSON.parse(text) : {}) as Answer['json'];
  return { status: response.statusCode!, headers: response.headers, text, json };
}

const NEXT = '{"control":"next"}';

t.test('what came through a proxy is never of this machine, whatever it says', async (t) => {
  const { show, server, at } = await serve(t);
  show.unsafe.add('c');
  t.equal((await ask(at, '/api/control', {}, NEXT)).status, 200);
  for (const headers of [
    { 'x-forwarded-for': '127.0.0.1' },
    { 'x-real-ip': '127.0.0.1' },
    { forwarded: 'for=127.0.0.1' },
    { via: '1.1 a-proxy' },
    { 'x-forwarded-proto': 'https' },
    { 'cf-connecting-ip': '127.0.0.1' },
  ]) {
    const name = JSON.stringify(headers);
    const control = await ask(at, '/api/control', headers, NEXT);
    t.match([control.status, control.json.error?.message], [401, /through a proxy.*--public-url/], name);
    t.equal((await ask(at, '/api/gallery', headers)).json.total, 3, `${name}: nothing unsafe`);
    const display = await Client.open(`ws://${at}/stream`, { headers });
    display.send({ type: 'control', control: { control: 'next' }, ref: 1 });
    t.match(await display.reply(1), { ok: false, error: { code: 'unauthorised' } }, name);
    display.socket.terminate();
    const feeder = await Client.open(`ws://${at}/sound`, { headers });
    feeder.send({ type: 'sound', encoding: 'f32le', rate: 48_000, channels: 1 });
    t.equal((await feeder.closed).code, 4401, name);
  }
  const socket = connect(server.port, '127.0.0.1');
  const head = 'POST /api/control HTTP/1.0\r\nContent-Type: application/json\r\n';
  socket.write(`${head}Host: ${at}\r\nConnection: close\r\nContent-Length: ${NEXT.length}\r\n\r\n${NEXT}`);
  const [answer] = (await once(socket, 'data')) as [Buffer];
  t.match(answer.toString(), /^HTTP\/1\.1 401 /, 'HTTP/1.0, as of an nginx that adds nothing');
  socket.destroy();
  t.equal(show.asked.length, 1);
});

t.test('clients through a proxy on this machine have the limits of others', async (t) => {
  const { at } = await serve(t, { limits: { clientsPerAddress: 2 } });
  const headers = { 'x-forwarded-for': '203.0.113.7' };
  for (let i = 0; i < 2; i++) await Client.open(`ws://${at}/stream`, { headers });
  t.equal(await refusedWith(`ws://${at}/stream`, { headers }), 503);
  await Client.open(`ws://${at}/stream`);
});

t.test('forwarded headers count only from a proxy that is trusted', async (t) => {
  const limits = { clientsPerAddress: 1 };
  const far = await serve(t, { trustedProxies: ['10.0.0.0/8'], limits, token: 'token-of-the-test' });
  const listed = async (at: string) => {
    const headers = { authorization: 'Bearer token-of-the-test' };
    return ((await (await fetch(`http://${at}/api/clients`, { headers })).json()) as { clients: unknown })
      .clients;
  };
  await Client.open(`ws://${far.at}/stream`, { headers: { 'x-forwarded-for': '203.0.113.7' } });
  t.match(await listed(far.at), [{ address: '127.0.0.1', proxied: true }]);

  const near = await serve(t, { trustedProxies: ['127.0.0.1'], limits, token: 'token-of-the-test' });
  for (const header of [
    '203.0.113.7',
    '203.0.113.8:4711',
    '127.0.0.1, [2001:db8::1]:80',
    '9.9.9.9, 203.0.113.9',
  ]) {
    await Client.open(`ws://${near.at}/stream`, { headers: { 'x-forwarded-for': header } });
  }
  await Client.open(`ws://${near.at}/stream`, {
    headers: { forwarded: 'for=9.9.9.9, for="[2001:db8::2]:4711";proto=https' },
  });
  t.match(await listed(near.at), [
    { address: '203.0.113.7', proxied: true },
    { address: '203.0.113.8' },
    { address: '2001:db8::1' },
    { address: '203.0.113.9' },
    { address: '2001:db8::2' },
  ]);
  t.equal(
    await refusedWith(`ws://${near.at}/stream`, { headers: { 'x-forwarded-for': '203.0.113.7' } }),
    503,
  );
});

t.test('guesses of the token are counted for each client behind a trusted proxy', async (t) => {
  const token = 'token-of-the-test';
  const { at } = await serve(t, { trustedProxies: ['127.0.0.1'], token });
  const guess = async (address: string, text: string) =>
    (await ask(at, '/api/devices', { 'x-forwarded-for': address, authorization: `Bearer ${text}` })).status;
  for (let i = 0; i < 12; i++) await guess('203.0.113.7', `guess ${i}`.replace(' ', '-'));
  t.equal(await guess('203.0.113.7', token), 429);
  t.equal(await guess('203.0.113.8', token), 200);
});

t.test('one option names the address: host, origin, scheme and path', async (t) => {
  const publicUrl = 'https://show.example.org/visuals/';
  const folder = t.testdir({ 'index.html': '<p>console</p>', assets: { 'a.js': '1' } });
  const { show, server, at } = await serve(t, {
    publicUrl,
    trustedProxies: ['127.0.0.1'],
    staticFolder: folder,
  });
  show.states.next(stateOf('a'));
  t.match(server.token, /^[\w-]{24}$/, 'controls need a token then');
  t.equal(server.link, `${publicUrl}#token=${server.token!}`);
  t.equal(server.address, publicUrl);
  const origin = 'https://show.example.org';
  const hosts = ['show.example.org', `127.0.0.1:${server.port}`];
  for (const host of hosts) {
    for (const below of ['', '/visuals']) {
      const headers = { ...PROXIED, host, origin };
      t.equal((await ask(at, `${below}/`, headers)).text, '<p>console</p>', `${host} ${below}`);
      t.equal((await ask(at, `${below}/assets/a.js`, headers)).status, 200);
      t.equal((await ask(at, `${below}/api/state`, headers)).status, 200);
      t.equal((await ask(at, `${below}/api/control`, headers, NEXT)).status, 401);
      t.equal((await ask(at, `${below}/socket.io/?EIO=4&transport=polling`, headers)).status, 200);
      const display = await Client.open(`ws://${at}${below}/stream?name=left`, { headers });
      const { show: shown } = await display.state(0);
      const stream = `wss://show.example.org/visuals/stream`;
      t.equal(new URL(shown.image!.url, stream).pathname, '/visuals/api/pictures/a');
      display.socket.terminate();
      t.strictSame((await ask(at, `${below}/asyncapi.json`, headers)).json.servers, {
        show: { host: 'show.example.org', protocol: 'wss', pathname: '/visuals' },
      });
    }
  }
  const control = { ...PROXIED, host: 'show.example.org', authorization: `Bearer ${server.token!}` };
  t.equal((await ask(at, '/visuals/api/control', control, NEXT)).status, 200);
  const slash = await ask(at, '/visuals?a=1', { ...PROXIED, host: 'show.example.org' });
  t.equal(new URL(slash.headers.location!, publicUrl.slice(0, -1)).href, `${publicUrl}?a=1`);
  for (const headers of [
    { ...PROXIED, host: 'show.example.org', origin: 'https://evil.example' },
    { ...PROXIED, host: 'show.example.org', origin: 'http://show.example.org.evil.example' },
    { ...PROXIED, host: 'evil.example' },
    { ...PROXIED, 'x-forwarded-host': 'evil.example' },
  ]) {
    t.equal((await ask(at, '/api/state', headers)).status, 403, JSON.stringify(headers));
  }
});

t.test('a proxy on its own port that names the host without it', async (t) => {
  const { at } = await serve(t, { publicUrl: 'http://show.lan:8080' });
  const headers = { host: 'show.lan', origin: 'http://show.lan:8080' };
  (await Client.open(`ws://${at}/stream`, { headers })).socket.terminate();
  const other = { host: 'show.lan', origin: 'http://show.lan:9090' };
  t.equal(await refusedWith(`ws://${at}/stream`, { headers: other }), 403);
});

t.test('refusals name the option that cures them', async (t) => {
  const { at } = await serve(t);
  const messageOf = async (headers: Record<string, string>) =>
    (await ask(at, '/api/state', headers)).json.error?.message;
  t.match(await messageOf({ host: 'dj.lan:8090' }), /dj\.lan.*--public-url http:\/\/dj\.lan:8090\//);
  t.match(
    await messageOf({ origin: 'http://show.lan:8080' }),
    /--public-url http:\/\/show\.lan:8080\/.*--origin/,
  );
  t.match(await messageOf({ origin: 'null' }), /serve them by http/);
  t.match(await messageOf({ host: 'a b' }), /names no machine/);
});

t.test('an origin that is allowed is a name of the show, on loopback too', async (t) => {
  const { at } = await serve(t, { allowedOrigins: ['https://stage.example'] });
  const headers = { host: 'stage.example', origin: 'https://stage.example' };
  t.equal((await ask(at, '/api/state', headers)).status, 200);
});

t.test('without a public address the documents follow a trusted proxy', async (t) => {
  const { at } = await serve(t, { trustedProxies: ['127.0.0.1'], host: '0.0.0.0' });
  const { json } = await ask(at, '/asyncapi.json', { ...PROXIED, 'x-forwarded-host': '192.168.1.5:8443' });
  t.strictSame(json.servers, { show: { host: '192.168.1.5:8443', protocol: 'wss' } });
  const plain = await serve(t);
  const untrusted = await ask(plain.at, '/asyncapi.json', PROXIED);
  t.strictSame(untrusted.json.servers, { show: { host: plain.at, protocol: 'ws' } });
});

t.test('public addresses and proxies that can not be are refused', async (t) => {
  for (const publicUrl of [
    'show.example',
    'ftp://show.example/',
    'https://show.example/?a',
    'https://a:b@c.example/',
  ]) {
    t.match(await failure('USAGE', () => ShowServer.check({ port: 0, publicUrl })), /no public address/);
  }
  for (const entry of ['proxy', '10.0.0.0/33', '::1/129', '10.0.0.0/', '']) {
    t.throws(() => new Proxies([entry]), { code: 'USAGE' }, entry);
  }
  t.ok(new Proxies(['::1', 'fd00::/8']).isTrusted('fd12::1'));
  t.notOk(new Proxies([]).isTrusted('127.0.0.1'));
});
