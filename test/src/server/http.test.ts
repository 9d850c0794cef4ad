import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { SynestheteError } from '../../../models/errors.ts';
import { Connections } from '../../../src/server/access/index.ts';
import type { Served } from './support/serve.ts';
import { serve } from './support/serve.ts';
import { stateOf } from './support/fake-show.ts';

const SECRET = 'this file is nobody’s business';

/** A server with a page, a picture with an awkward name, and a secret beside both. */
async function served(t: Parameters<typeof serve>[0]): Promise<Served & { picture: string }> {
  const folder = t.testdir({
    'secret.txt': SECRET,
    pages: { 'index.html': '<p>console</p>', 'display.html': '<p>display</p>', '.hidden': SECRET },
  });
  mkdirSync(join(folder, 'pages', 'assets'));
  writeFileSync(join(folder, 'pages', 'assets', 'a-1234.js'), '1');
  const result = await serve(t, { staticFolder: join(folder, 'pages') });
  const picture = join(folder, '50% of #1 ?.webp');
  writeFileSync(picture, 'RIFF');
  result.show.addPicture('p/1', picture);
  return { ...result, picture };
}

/** As it stands: fetch and URL would tidy the path up. */
async function rawGet(at: string, path: string, headers = ''): Promise<string> {
  const [host, port] = at.split(':') as [string, string];
  const socket = connect(Number(port), host);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${at}\r\nConnection: close\r\n${headers}\r\n`);
  const pieces: Buffer[] = [];
  socket.on('data', (piece) => pieces.push(piece));
  await once(socket, 'close');
  return Buffer.concat(pieces).toString();
}

t.test('a machine without a sound system is reported as such, not as a failure', async (t) => {
  const { show, at, log } = await serve(t);
  const message = 'no sound system answers: install pulseaudio-utils';
  show.devices = () => Promise.reject(new SynestheteError('PROGRAM_MISSING', message));
  const response = await fetch(`http://${at}/api/devices`);
  t.equal(response.status, 200);
  t.strictSame(await response.json(), { devices: [], message });
  t.strictSame(log, []);
  show.devices = () => Promise.reject(new Error('a fault'));
  t.equal((await fetch(`http://${at}/api/devices`)).status, 500);
  t.match(log, [/a fault/]);
});

t.test('state, gallery, devices and health', async (t) => {
  const { show, at } = await serve(t);
  const get = async (path: string): Promise<unknown> => (await fetch(`http://${at}${path}`)).json();
  t.strictSame(await get('/api/state'), { message: null, status: show.status() });
  show.states.next(stateOf('a'));
  t.match(await get('/api/state'), { message: { seq: 0, show: { image: { id: 'a' } } } });
  t.match(await get('/api/gallery?offset=1&limit=2'), { total: 4, pictures: [{ id: 'b' }, { id: 'c' }] });
  t.match(await get('/api/gallery?limit=0'), {
    ok: false,
    error: { code: 'malformed', message: /^limit: / },
  });
  t.match(await get('/api/gallery?offset=-1'), { ok: false });
  t.match(await get('/api/gallery?what=1'), { ok: false });
  t.strictSame(await get('/api/devices'), { devices: [{ name: 'USB Mixer' }] });
  t.match(await get('/healthz'), { ok: true, seq: 0, clients: 0 });
  const metrics = await (await fetch(`http://${at}/metrics`)).text();
  t.match(metrics, /^synesthete_states_total 1$/m);
  t.match(metrics, /^synesthete_mood\{axis="arousal"\} 0.75$/m);
  t.match(metrics, /^nodejs_eventloop_lag_p99_seconds /m);
  t.match(metrics, /^synesthete_clips_total 40$/m);
  t.match(metrics, /^synesthete_clips_dropped_total 3$/m);
  t.match(metrics, /^synesthete_clips_lost_total 2$/m);
  t.match(metrics, /^synesthete_sound_gaps_total 1$/m);
  t.match(metrics, /^synesthete_analysis_restarts_total 4$/m);
});

t.test('the latency is counted once for each clip, not for each state that tells of it', async (t) => {
  const { show, at } = await serve(t);
  show.states.next({ ...stateOf(null), latency: { analysis: 0, total: 0 } });
  for (const latency of [
    { analysis: 12, total: 20 },
    { analysis: 12, total: 20 },
  ]) {
    for (let i = 0; i < 5; i++) show.states.next({ ...stateOf('a'), latency });
  }
  const metrics = await (await fetch(`http://${at}/metrics`)).text();
  t.match(metrics, /^synesthete_states_total 11$/m);
  t.match(metrics, /^synesthete_latency_seconds_count\{part="total"\} 2$/m);
  t.match(metrics, /^synesthete_latency_seconds_sum\{part="total"\} 0\.04$/m);
});

t.test('controls over REST', async (t) => {
  const { show, at } = await serve(t);
  const post = async (body: string, type = 'application/json') => {
    const response = await fetch(`http://${at}/api/control`, {
      method: 'POST',
      headers: { 'Content-Type': type },
      body,
    });
    return [response.status, await response.json()] as [number, { error?: { message: string } }];
  };
  t.match(await post('{"control":"hold","on":true}'), [200, { ok: true }]);
  t.match(await post('{"control":"pin","image":"x"}'), [409, { error: { code: 'refused' } }]);
  t.match(await post('{"control":"hold"}'), [400, { error: { message: /^on: / } }]);
  t.match(await post('nonsense'), [400, { error: { code: 'malformed' } }]);
  t.match(await post('{"control":"next"}', 'text/plain'), [403, { error: { code: 'not-allowed' } }]);
  t.match(await post(`"${'x'.repeat(10_000)}"`), [413, { error: { code: 'too-large' } }]);
  t.strictSame(show.asked, [{ control: 'hold', on: true }]);
  const got = await fetch(`http://${at}/api/control`);
  t.equal(got.status, 405);
  t.equal(got.headers.get('allow'), 'POST');
});

t.test('moods by hand are taken home and brought back as CSV, by those who may control', async (t) => {
  const token = 'token-of-the-test';
  const { show, at } = await serve(t, { token });
  const url = `http://${at}/api/moods`;
  const headers = { authorization: `Bearer ${token}` };
  t.equal((await fetch(url)).status, 401);
  const csv = 'file,valence,arousal\na.jpg,0.5,\n';
  const post = async (body: string | Uint8Array<ArrayBuffer>, more: Record<string, string> = {}) => {
    const given = { 'content-type': 'text/csv', ...headers, ...more };
    const response = await fetch(url, { method: 'POST', headers: given, body });
    return [response.status, await response.json()] as [number, unknown];
  };
  t.match(await post(csv, { authorization: '' }), [401, { error: { code: 'unauthorised' } }]);
  t.match(await post(csv, { 'content-type': 'text/plain' }), [403, { error: { code: 'not-allowed' } }]);
  t.match(await post('what'), [409, { error: { code: 'refused', message: /lacks the columns/ } }]);
  t.match(await post(new Uint8Array(8 * 2 ** 20 + 1)), [413, { error: { code: 'too-large' } }]);
  t.equal(show.csv, 'file,valence,arousal\n');
  t.match(await post(csv, { 'content-type': 'text/csv; charset=utf-8' }), [200, { ok: true }]);
  t.equal(show.csv, csv);
  const response = await fetch(url, { headers });
  t.equal(await response.text(), csv);
  t.equal(response.headers.get('content-type'), 'text/csv; charset=utf-8');
  t.equal(response.headers.get('content-disposition'), 'attachment; filename="moods.csv"');
  const put = await fetch(url, { method: 'PUT', headers });
  t.match([put.status, put.headers.get('allow')], [405, 'GET, POST']);
});

t.test('what is kept out, and its thumbnails, are for those who may control', async (t) => {
  const token = 'token-of-the-test';
  const { show, at } = await serve(t, { token });
  const picture = join(t.testdir({}), 'b.webp');
  writeFileSync(picture, 'RIFF');
  for (const id of ['a', 'b']) show.addPicture(id, picture);
  show.unsafe.add('b');
  const get = (path: string, authorization = `Bearer ${token}`) =>
    fetch(`http://${at}/api/${path}`, { headers: { authorization } });
  t.equal((await get('kept-out', '')).status, 401);
  t.equal((await get('kept-out', 'Bearer wrong')).status, 401);
  t.match(await (await get('kept-out')).json(), { total: 1, pictures: [{ id: 'b', unsafe: 0.9 }] });
  t.match(await (await get('kept-out?list=marked&offset=1&limit=5')).json(), { total: 1, pictures: [] });
  t.match(await (await get('kept-out?list=hidden')).json(), { total: 0 });
  for (const query of ['list=x', 'bank=b', 'limit=501', 'offset=-1'])
    t.equal((await get(`kept-out?${query}`)).status, 400, query);

  t.equal((await get('thumbnails/b', '')).status, 404);
  t.equal((await get('thumbnails/b', 'Bearer wrong')).status, 404);
  const kept = await get('thumbnails/b');
  t.equal(kept.status, 200);
  t.equal(kept.headers.get('cache-control'), 'private, no-store');
  t.equal(kept.headers.get('etag'), null);
  t.equal(await kept.text(), 'RIFF');
  const other = await get('thumbnails/a', '');
  t.match(other.headers.get('cache-control'), /^public, max-age=/);
});

t.test('pictures and pages come with their types and policies', async (t) => {
  const { at, picture } = await served(t);
  const url = `http://${at}/api/pictures/p%2F1`;
  const response = await fetch(url);
  t.equal(await response.text(), 'RIFF');
  t.equal(response.headers.get('content-type'), 'image/webp');
  t.equal(response.headers.get('x-content-type-options'), 'nosniff');
  t.match(response.headers.get('content-security-policy'), /sandbox/);
  t.match(response.headers.get('cache-control'), /max-age=600/);
  const condition = `If-None-Match: ${response.headers.get('etag')!}\r\n`;
  t.match(await rawGet(at, '/api/pictures/p%2F1', condition), /^HTTP\/1\.1 304 /);
  t.equal((await fetch(url, { headers: { Range: 'bytes=1-2' } })).status, 206);
  t.equal((await fetch(url, { headers: { Range: 'bytes=9-' } })).status, 416);
  t.equal((await fetch(`http://${at}/api/thumbnails/p%2F1`)).status, 200);
  rmSync(picture);
  t.equal((await fetch(url)).status, 404, 'a picture that was deleted while on show');
  t.equal((await fetch(`http://${at}/api/pictures/q`)).status, 404);

  const page = await fetch(`http://${at}/`);
  t.equal(await page.text(), '<p>console</p>');
  t.match(page.headers.get('content-security-policy'), /^default-src 'self'/);
  t.match(page.headers.get('cache-control'), /max-age=0/);
  t.equal(await (await fetch(`http://${at}/display?group=1`)).text(), '<p>display</p>');
  const asset = await fetch(`http://${at}/assets/a-1234.js`);
  t.match(asset.headers.get('cache-control'), /max-age=31536000, immutable/);
  t.equal((await fetch(`http://${at}/nowhere`)).status, 404);
  t.equal((await fetch(`http://${at}/assets`)).status, 404);
});

t.test('no path leads out of the folders', async (t) => {
  const { at } = await served(t);
  const ups = ['../', '..%2f', '%2e%2e/', '%2e%2e%2f', '..\\', '..%5c', '....//', '..;/', '%252e%252e%252f'];
  const roots = ['/', '/assets/', '/api/pictures/', '/api/thumbnails/', '//', '/display/'];
  const paths = roots.flatMap((root) => [
    ...ups.flatMap((up) => [1, 2, 3, 8].map((times) => `${root}${up.repeat(times)}secret.txt`)),
    ...ups.map((up) => `${root}${up.repeat(12)}etc/passwd`),
    `${root}.hidden`,
    `${root}%00`,
    `${root}secret.txt%00.webp`,
    `${root}/etc/passwd`,
    `${root}%`,
    `${root}%c0%ae%c0%ae/secret.txt`,
    `${root}file:///etc/passwd`,
  ]);
  t.ok(paths.length > 280);
  for (const path of paths) {
    const answer = await rawGet(at, path);
    if (!/^HTTP\/1\.1 4\d\d /.test(answer) || answer.includes(SECRET))
      t.fail(`${path}: ${answer.slice(0, 200)}`);
  }
  t.match(await rawGet(at, 'http://evil.example/../secret.txt'), /^HTTP\/1\.1 (200|4\d\d) /);
  t.notMatch(await rawGet(at, '*'), SECRET);
});

t.test('pictures have a limit of their own, for many displays behind one router', async (t) => {
  const limits = { requestsPerSecond: 0.001, requestsBurst: 2, picturesPerSecond: 0.001, picturesBurst: 4 };
  const { at } = await serve(t, { limits });
  const statuses = async (paths: readonly string[]) => {
    const found = [];
    for (const path of paths) found.push((await fetch(`http://${at}${path}`)).status);
    return found;
  };
  const pictures = ['/api/pictures/x', '/api/thumbnails/x', '/api/pictures/', '/api/thumbnails/y'];
  t.strictSame(await statuses(pictures), [404, 404, 404, 404]);
  t.strictSame(await statuses(['/healthz', '/api/pictures/x', '/api/state']), [200, 429, 200]);
  t.strictSame(await statuses(['/healthz']), [429]);
  t.match(await rawGet(at, '/api/pictures/../state'), /^HTTP\/1\.1 429 /, 'by what is asked for');
});

t.test('too many requests are refused for a while', async (t) => {
  const { at } = await serve(t, { limits: { requestsPerSecond: 0.001, requestsBurst: 5 } });
  const statuses = [];
  for (let i = 0; i < 6; i++) statuses.push((await fetch(`http://${at}/healthz`)).status);
  t.strictSame(statuses, [200, 200, 200, 200, 200, 429]);
  const handshake = await fetch(`http://${at}/socket.io/?EIO=4&transport=polling`);
  t.match(
    await handshake.json(),
    { message: 'too many requests' },
    'handshakes of Socket.IO are requests too',
  );
});

t.test('an address has so many connections, and those beyond them are closed', async (t) => {
  const { at, server } = await serve(t, { limits: { connectionsPerAddress: 4 } });
  const sockets = Array.from({ length: 7 }, () => connect(server.port, '127.0.0.1').resume());
  let closed = 0;
  await new Promise<void>((resolve) => {
    for (const socket of sockets) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        if (++closed === 3) resolve();
      });
    }
  });
  await t.rejects(fetch(`http://${at}/healthz`));
  t.equal(closed, 3);
  for (const socket of sockets) socket.destroy();
  const health = () => fetch(`http://${at}/healthz`).catch(() => undefined);
  let answer = await health();
  while (answer === undefined) answer = await health();
  t.equal(answer.status, 200, 'and there is room again when they have left');
});

t.test('other machines have four connections to each client that is allowed them', (t) => {
  const connections = new Connections({ connectionsPerAddress: 20, clientsPerAddress: 2 });
  const taken = (address: string) =>
    Array.from({ length: 30 }, () => connections.add(address)).filter(Boolean);
  t.equal(taken('192.168.1.5').length, 8);
  t.equal(taken('192.168.1.6').length, 8, 'whatever another has');
  t.equal(taken('127.0.0.1').length, 20);
  connections.remove('192.168.1.5');
  t.equal(taken('192.168.1.5').length, 1);
  t.end();
});
